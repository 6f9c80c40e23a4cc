using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Turns questions and answers into the UTF-8 JSON that travels in <see cref="GossipMessage.Ask"/> and
/// <see cref="GossipMessage.Answer"/>, and back. Fields that a reader does not know are ignored.</summary>
public static class AskCodec
{
    /// <summary>Longest question, in bytes: a clock of some 4,000 chains and little else.</summary>
    public const int QuestionBytesMax = 256 * 1024;

    /// <summary>Longest answer, in bytes: it has to fit into one message with its signature.</summary>
    public const int AnswerBytesMax = GossipEnvelope.MessageBytesMax - 1024;

    /// <summary>The question as UTF-8 JSON.</summary>
    public static byte[] Encode(AskQuestion question) => JsonSerializer.SerializeToUtf8Bytes(question, AskJson.Default.AskQuestion);

    /// <summary>The answer as UTF-8 JSON.</summary>
    public static byte[] Encode(AskAnswer answer) => JsonSerializer.SerializeToUtf8Bytes(answer, AskJson.Default.AskAnswer);

    /// <summary>Reads a question.</summary>
    /// <exception cref="MalformedAskException">The bytes are not a question this version knows.</exception>
    public static AskQuestion DecodeQuestion(ReadOnlySpan<byte> content)
    {
        var question = Decode(content, AskJson.Default.AskQuestion, QuestionBytesMax, "question");
        if (question is AskQuestion.Belief { Field: var field } && !AskQuestion.IsFieldName(field))
        {
            throw new MalformedAskException(
                $"The question's field name, of {field.Length} characters, is none; expected 1 to {AskQuestion.FieldCharsMax} letters, digits, '-' and '_'.");
        }

        return question;
    }

    /// <summary>Reads an answer, and checks that it answers this question about this agent's log.</summary>
    /// <exception cref="MalformedAskException">The bytes are not an answer, or one to something else.</exception>
    public static AskAnswer DecodeAnswer(ReadOnlySpan<byte> content, AskQuestion question, AgentId answerer)
    {
        var answer = Decode(content, AskJson.Default.AskAnswer, AnswerBytesMax, "answer");
        var flaw = (question, answer) switch
        {
            (_, AskAnswer.CannotAnswer) => null,
            (AskQuestion.Clock, AskAnswer.Clock told) => told.Vector.Entries.Any(entry => entry.Chain.Branch > 0) ? "it names a line by its own number" : null,
            (AskQuestion.Belief asked, AskAnswer.Belief told) => AccountCheck.FlawOf(asked, told.Account, answerer),
            (AskQuestion.Delivery asked, AskAnswer.Delivered told) => DeliveryCheck.FlawOf(asked.Event, told, answerer),
            (AskQuestion.Delivery asked, AskAnswer.NotDelivered told) => DeliveryCheck.FlawOf(asked.Event, told),
            (AskQuestion.Head asked, AskAnswer.Head told) => asked.Chain == told.Chain && told.Sequence >= 0 ? null : "it is about another chain",
            (AskQuestion.Heads asked, AskAnswer.Heads told) => asked.Writer != told.Writer ? "it is about another agent"
                : told.Proofs.IsDefault || told.Proofs.Length > AskAnswer.ProofsMax || told.Proofs.Contains(null!) ? $"it has no list of at most {AskAnswer.ProofsMax} proofs"
                : null,
            _ => $"a {question.GetType().Name} question was asked and a {answer.GetType().Name} answer came",
        };
        return flaw is null ? answer : throw new MalformedAskException($"The answer of {answerer} does not belong to the question: {flaw}.");
    }

    private static T Decode<T>(ReadOnlySpan<byte> content, JsonTypeInfo<T> type, int bytesMax, string what) where T : class
    {
        if (content.Length > bytesMax) throw new MalformedAskException($"The {what} has {content.Length} bytes; the limit is {bytesMax}.");
        try
        {
            return JsonSerializer.Deserialize(content, type)
                ?? throw new MalformedAskException($"The {what} is null; expected a JSON object.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            // NotSupportedException: an object whose kind is missing, so no type can be made from it.
            throw new MalformedAskException($"The {what} is not readable: {e.Message}", e);
        }
    }
}
