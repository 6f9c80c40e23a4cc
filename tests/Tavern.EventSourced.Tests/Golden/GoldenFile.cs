using System.Text;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Golden;

/// <summary>A file that version 1 wrote and that every later version must read as it did: lines of <c>name: value</c>.</summary>
internal static class GoldenFile
{
    /// <summary>Where they are.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryRoot.Path, "tests", "Tavern.EventSourced.Tests", "Golden", "v1");

    /// <summary>True when files that are missing are to be written, from what the code makes now. Those that are there are never touched.</summary>
    public static bool WritesMissing { get; } = Environment.GetEnvironmentVariable("TAVERN_GOLDEN") == "write";

    /// <summary>The lines of a file, as written.</summary>
    /// <param name="name">Its place below the folder, without extension.</param>
    /// <param name="now">What the code makes now.</param>
    public static IReadOnlyList<string> Lines(string name, IEnumerable<(string Name, string Value)> now)
    {
        var path = Path.Combine(Folder, name + ".txt");
        if (WritesMissing && !File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, string.Concat(Lines(now).Select(line => line + "\n")), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }

        Assert.True(File.Exists(path), $"{path} is missing: TAVERN_GOLDEN=write makes it (tests/README.md).");
        return File.ReadAllText(path).TrimEnd('\n').Split('\n');
    }

    /// <summary>The value of a line.</summary>
    public static string Value(IReadOnlyList<string> lines, string name) => lines.Single(line => line.StartsWith(name + ": ", StringComparison.Ordinal))[(name.Length + 2)..];

    /// <summary>Values as lines.</summary>
    public static IEnumerable<string> Lines(IEnumerable<(string Name, string Value)> values) => values.Select(value => $"{value.Name}: {value.Value}");
}
