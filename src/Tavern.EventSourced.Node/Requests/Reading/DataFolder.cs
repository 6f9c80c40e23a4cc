namespace Tavern.EventSourced.Node.Requests;

/// <summary>Looks at a node's data folder.</summary>
internal static class DataFolder
{
    /// <summary>Size of all files in it. Files that go while it is counted are left out.</summary>
    public static long BytesOf(string folder)
    {
        long sum = 0;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                sum += file.Length;
            }
            catch (FileNotFoundException)
            {
                // The store's side files come and go.
            }
        }

        return sum;
    }
}
