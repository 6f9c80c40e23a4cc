using System.CommandLine;
using System.Globalization;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>Arguments and options as commands declare them.</summary>
internal static class Arg
{
    /// <summary>A text that must be given.</summary>
    public static Argument<string> Required(string name, string description) => new(name) { Description = description };

    /// <summary>A text that may be left out.</summary>
    public static Argument<string?> Optional(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Any number of texts.</summary>
    public static Argument<string[]> Many(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.ZeroOrMore };

    /// <summary>An option with a value.</summary>
    public static Option<T?> Option<T>(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    /// <summary>An option that may be given several times.</summary>
    public static Option<string[]> Options(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value, AllowMultipleArgumentsPerToken = true };

    /// <summary>An option with a list: several values with commas between them, or the option several times.</summary>
    public static Option<string[]> List(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    /// <summary>An option with a whole number. Which numbers will do, the request says.</summary>
    public static Option<long?> Number(string name, string value, string description)
    {
        var option = new Option<long?>(name) { Description = description, HelpName = value };
        option.CustomParser = result =>
        {
            if (long.TryParse(result.Tokens[^1].Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
            result.AddError($"{name} is '{result.Tokens[^1].Value}'; expected a whole number.");
            return null;
        };
        return option;
    }

    /// <summary>An option without a value.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description };

    /// <summary>As seen by whom.</summary>
    public static Option<string?> Observer() => Option<string>("--observer", "AGENT", "As seen by this agent; by default the node's first.");

    /// <summary>A point in history.</summary>
    public static Option<string?> AsOf() => Option<string>("--as-of", "POINT", "At a point in history: gandalf:42, jake:80,gandalf:41, -5m, 2026-11-22T09:14Z.");

    /// <summary>The same argument, which takes these words only.</summary>
    public static Argument<string> AcceptOnly(this Argument<string> argument, params string[] words)
    {
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result =>
        {
            var typed = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (words.Contains(typed)) return;
            var meant = Suggestions.Of(typed, words);
            result.AddError($"'{typed}' is not one of {string.Join(", ", words)}{(meant is null ? "." : $": {meant}?")}");
        });
        return argument;
    }
}
