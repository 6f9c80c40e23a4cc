namespace Tavern.EventSourced.Node.Subscriptions;

/// <summary>What a handler threw, as one line.</summary>
internal static class Failures
{
    private const int CharsMax = 500; // a sentence for people; the rest is for the handler's own log

    /// <summary>Kind and message.</summary>
    public static string Of(Exception error)
    {
        var line = $"{error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}";
        return line.Length <= CharsMax ? line : line[..CharsMax];
    }
}
