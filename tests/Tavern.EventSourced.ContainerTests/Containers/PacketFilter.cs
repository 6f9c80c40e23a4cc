using System.Globalization;
using System.Text.RegularExpressions;

namespace Tavern.EventSourced.ContainerTests.Containers;

/// <summary>Rules of iptables on a node's own network interface.</summary>
internal static partial class PacketFilter
{
    /// <summary>Drops packets that match.</summary>
    /// <param name="member">Whose.</param>
    /// <param name="rule">Chain and match, as iptables takes them.</param>
    public static Task DropAsync(ContainerMember member, params string[] rule) => IptablesAsync(member, ["--append", .. rule, "--jump", "DROP"]);

    /// <summary>Ends what is dropped here. Returns how many packets were.</summary>
    public static async Task<long> HealAsync(ContainerMember member)
    {
        var rules = await IptablesAsync(member, "--list", "--numeric", "--verbose", "--exact");
        await IptablesAsync(member, "--flush");
        return Dropped().Matches(rules).Sum(match => long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }

    private static Task<string> IptablesAsync(ContainerMember member, params string[] words) =>
        member.Container.Beside(ContainersFixture.ToolsImage).WithCapability("NET_ADMIN").WithUser("root").WithEntrypoint("iptables").WithCommand(words).RunToEndAsync();

    [GeneratedRegex(@"^\s*(\d+)\s+\d+\s+DROP\b", RegexOptions.Multiline)]
    private static partial Regex Dropped();
}
