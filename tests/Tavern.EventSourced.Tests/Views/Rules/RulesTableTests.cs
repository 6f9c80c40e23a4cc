using System.Reflection;
using System.Text.RegularExpressions;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Tests.Views.Rules;

/// <summary>RULES.md, the rule ids in code and the tests of rules are one list.</summary>
public partial class RulesTableTests
{
    private static readonly string[] InCode =
        [.. typeof(RuleIds).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];

    [Fact]
    public void Every_rule_in_code_has_one_row_and_every_row_is_a_rule_in_code() =>
        Assert.Equal(InCode.Order(StringComparer.Ordinal), InTable().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_row_has_a_test()
    {
        var tested = typeof(RulesTableTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributesData())
            .Where(attribute => attribute.AttributeType == typeof(TraitAttribute) && (string?)attribute.ConstructorArguments[0].Value == "Rule")
            .Select(attribute => (string)attribute.ConstructorArguments[1].Value!)
            .ToHashSet();
        Assert.Empty(InTable().Except(tested));
        Assert.Empty(tested.Except(InTable()));
    }

    private static List<string> InTable()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Tavern.EventSourced.sln"))) folder = folder.Parent!;
        var lines = File.ReadAllLines(Path.Combine(folder.FullName, "src", "Tavern.EventSourced", "Views", "RULES.md"));
        return [.. lines.Select(line => Row().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value)];
    }

    [GeneratedRegex("^\\|[^|]*\\|[^|]*\\|[^|]*\\| `([a-z/-]+)` \\|")]
    private static partial Regex Row();
}
