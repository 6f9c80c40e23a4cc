namespace Tavern.EventSourced.Cli.Settings;

/// <summary>What a command writes to standard output.</summary>
internal enum OutputFormat
{
    /// <summary>For people. May change between releases.</summary>
    Text,

    /// <summary>One JSON value, indented; its keys are stable.</summary>
    Json,

    /// <summary>One JSON value per line; lists become one line per item.</summary>
    Ndjson,
}
