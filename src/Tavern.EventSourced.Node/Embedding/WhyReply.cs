using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Embedding;

/// <summary>Why an observer believes what it believes about a subject.</summary>
/// <param name="Answer">Verdict, both sides, what is missing and who has it.</param>
public sealed record WhyReply(WhyAnswer Answer)
{
    /// <summary>True when both sides agree.</summary>
    public bool Agree => Answer.Verdict == "agree";

    /// <summary>The same in sentences, one a line: the two sides, the verdict, and what it rests on.</summary>
    public override string ToString() => string.Join('\n', [Answer.Headline, Answer.Cause, .. Answer.Evidence.Select(line => "  " + line)]);
}
