namespace Tavern.EventSourced.Tests.Support;

/// <summary>Real recorded histories that are not ours to copy: in the folder that TAVERN_TEST_DATA names, or in <c>shared/data</c> beside the
/// checkout or one of the folders above it.</summary>
public static class RecordedFiles
{
    /// <summary>The files of one kind, by name; skips the test where there are none, or fails it when TAVERN_REQUIRE is <c>all</c>.</summary>
    public static IReadOnlyList<string> Require(string folder, string pattern)
    {
        if (Find() is { } data && Directory.Exists(Path.Combine(data, folder)))
            return [.. Directory.EnumerateFiles(Path.Combine(data, folder), pattern).Order(StringComparer.Ordinal)];
        const string why = "there are no recorded histories in shared/data beside the checkout, and TAVERN_TEST_DATA names none";
        Assert.False(Environment.GetEnvironmentVariable("TAVERN_REQUIRE") == "all", $"{why}; TAVERN_REQUIRE is all.");
        Skip.If(true, $"skipped: {why}");
        return [];
    }

    /// <summary>One file.</summary>
    public static string RequireOne(string folder, string file) => Require(folder, file).Single();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TAVERN_TEST_DATA") is { Length: > 0 } named) return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "data") is var data && Directory.Exists(data)) return data;
        return null;
    }
}
