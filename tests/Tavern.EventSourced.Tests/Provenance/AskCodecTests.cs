using System.Text;
using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Provenance;
using static Tavern.EventSourced.Tests.Provenance.Cast;

namespace Tavern.EventSourced.Tests.Provenance;

public class AskCodecTests
{
    private static readonly AskQuestion.Belief AskBelief = new(Gandalf, "state");
    private static readonly AskQuestion.Delivery AskDelivery = new(Gandalf.At(42));

    [Fact]
    public void Questions_survive_the_wire()
    {
        AskQuestion[] questions = [new AskQuestion.Clock(), AskBelief, AskBelief with { AsOf = Clock(Jake.At(80), Gandalf.At(4, 2)) }, AskDelivery, new AskQuestion.Head(new ChainId(Gimli, 3))];
        Assert.All(questions, question => Assert.Equal(question, AskCodec.DecodeQuestion(AskCodec.Encode(question))));
    }

    [Fact]
    public void A_question_is_readable_json_with_ids_as_text() => Assert.Equal(
        """{"ask":"belief","subject":"00000000000000000000000000000002","field":"state","asOf":{"00000000000000000000000000000001":80,"00000000000000000000000000000002@2":4}}""",
        Encoding.UTF8.GetString(AskCodec.Encode(AskBelief with { AsOf = Clock(Jake.At(80), Gandalf.At(4, 2)) })));

    [Fact]
    public void Answers_survive_the_wire()
    {
        var account = WhyTests.Behind.ObserverAccount! with
        {
            Paused = true,
            NextRound = Now,
            Forks = [new ForkAccount(1, 4, 40, Gimli.At(9)), new ForkAccount(3, 0, 2)],
            WaitingEpochs = [2, 3],
            Links = [new LinkState(Gandalf, LinkCondition.Unreachable, Ago(4), Failure(Jake, Gandalf, ReceiptOutcome.Unreachable, "no answer")) { Awaited = [new EventRange(Gandalf.At(1).Chain, 42, 43)] }],
            HeldBack = [new HeldBackEvents(new EventRange(Gandalf.At(1).Chain, 42, 43), Frodo.At(7), Legolas, Ago(1))],
            Rejections = [new Rejection(new EventRange(Gandalf.At(1).Chain, 42, 42), Failure(Jake, Legolas, ReceiptOutcome.Rejected, "hash"))],
        };
        var run = new Run(Jake, 12, Gandalf.At(1).Chain, 40, 42, 2, 7);
        (AskQuestion Question, AskAnswer Answer)[] pairs =
        [
            (new AskQuestion.Clock(), new AskAnswer.Clock(Clock(Jake.At(80), Gandalf.At(41)), 121)),
            (AskBelief, new AskAnswer.Belief(account)),
            (AskDelivery, new AskAnswer.Delivered(run, new Receipt(Jake, 7, Frodo, ulong.MaxValue, DeliveryMode.Local, Now, 99, ReceiptOutcome.Delivered), Now)),
            (AskDelivery, new AskAnswer.NotDelivered(41, account.HeldBack[0], account.Rejections[0])),
            (new AskQuestion.Head(Gandalf.At(1).Chain), new AskAnswer.Head(Gandalf.At(1).Chain, 42, Hash.Of("x"u8))),
            (AskBelief, new AskAnswer.CannotAnswer("The cut is not held here.")),
        ];
        foreach (var (question, answer) in pairs)
        {
            var bytes = AskCodec.Encode(answer);
            var read = AskCodec.DecodeAnswer(bytes, question, Jake);
            Assert.Equal(answer.GetType(), read.GetType());
            Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(AskCodec.Encode(read)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"ask\":\"everything\"}")]
    [InlineData("{\"ask\":\"belief\"}")]
    [InlineData("{\"ask\":\"belief\",\"subject\":\"gandalf\",\"field\":\"state\"}")]
    [InlineData("{\"ask\":\"belief\",\"subject\":\"00000000000000000000000000000002\",\"field\":\"\"}")]
    [InlineData("{\"ask\":\"belief\",\"subject\":\"00000000000000000000000000000002\",\"field\":\"a b\"}")]
    [InlineData("{\"ask\":\"belief\",\"subject\":\"00000000000000000000000000000002\",\"field\":null}")]
    [InlineData("{\"ask\":\"belief\",\"subject\":\"00000000000000000000000000000002\",\"field\":\"state\",\"asOf\":{\"00000000000000000000000000000002\":0}}")]
    [InlineData("{\"ask\":\"belief\",\"subject\":\"00000000000000000000000000000002\",\"field\":\"state\",\"asOf\":[1]}")]
    [InlineData("{\"ask\":\"delivery\",\"event\":\"00000000000000000000000000000002:0\"}")]
    [InlineData("{\"ask\":\"head\",\"chain\":\"00000000000000000000000000000002@0\"}")]
    [InlineData("{\"ask\":\"clock\"} trailing")]
    public void A_question_that_is_none_is_refused_with_a_reason(string json)
    {
        var error = Assert.Throws<MalformedAskException>(() => AskCodec.DecodeQuestion(Encoding.UTF8.GetBytes(json)));
        Assert.StartsWith("The question", error.Message);
    }

    [Fact]
    public void Fields_that_a_reader_does_not_know_are_ignored_wherever_the_kind_stands() => Assert.Equal(
        AskDelivery,
        AskCodec.DecodeQuestion(Encoding.UTF8.GetBytes($$"""{"more":[1,{}],"event":"{{Gandalf.At(42)}}","ask":"delivery"}""")));

    [Fact]
    public void An_answer_to_something_else_is_refused()
    {
        var run = new Run(Jake, 12, Gandalf.At(1).Chain, 40, 42, 2, 7);
        var receipt = new Receipt(Jake, 7, Frodo, 1, DeliveryMode.Network, Now, 99, ReceiptOutcome.Delivered);
        (AskQuestion Question, AskAnswer Answer)[] pairs =
        [
            (new AskQuestion.Clock(), new AskAnswer.NotDelivered(3)),
            (AskBelief with { Field = "task" }, new AskAnswer.Belief(WhyTests.Behind.ObserverAccount!)),
            (AskBelief with { AsOf = VectorClock.Empty }, new AskAnswer.Belief(WhyTests.Behind.ObserverAccount!)),
            (AskBelief, new AskAnswer.Belief(Account(Clock(Gandalf.At(40)), Belief("idle", Gandalf.At(41))))),
            (AskDelivery, new AskAnswer.Delivered(run with { Holder = Frodo }, receipt, null)),
            (AskDelivery, new AskAnswer.Delivered(run with { Last = 41 }, receipt, null)),
            (AskDelivery, new AskAnswer.Delivered(run, receipt with { Number = 8 }, null)),
            (AskDelivery, new AskAnswer.NotDelivered(42)),
            (new AskQuestion.Head(Gandalf.At(1).Chain), new AskAnswer.Head(Jake.At(1).Chain, 3, default)),
        ];
        foreach (var (question, answer) in pairs)
            Assert.Throws<MalformedAskException>(() => AskCodec.DecodeAnswer(AskCodec.Encode(answer), question, Jake));
    }

    [Fact]
    public void Any_byte_flipped_or_cut_off_is_an_answer_or_a_named_error()
    {
        var bytes = AskCodec.Encode(new AskAnswer.Belief(WhyTests.Behind.ObserverAccount!));
        var random = new SplitMix64(11);
        for (var i = 0; i < 3_000; i++)
        {
            var bad = bytes[..(random.Below(4) == 0 ? random.Below(bytes.Length) : bytes.Length)];
            if (bad.Length > 0) bad[random.Below(bad.Length)] ^= (byte)(1 << random.Below(8));
            try
            {
                AskCodec.DecodeAnswer(bad, AskBelief, Jake);
            }
            catch (MalformedAskException)
            {
                // Refused with a reason: any other exception fails the test.
            }
        }
    }

    [Fact]
    public void Too_much_is_refused_before_it_is_read() =>
        Assert.Contains("limit", Assert.Throws<MalformedAskException>(() => AskCodec.DecodeQuestion(new byte[AskCodec.QuestionBytesMax + 1])).Message);

    [Fact]
    public void A_signature_holds_for_one_answer_to_one_call_only()
    {
        using var signer = EcdsaSigner.Create();
        using var verifier = new EcdsaVerifier();
        var (tavern, question, answer) = (Hash.Of("tavern"u8), AskCodec.Encode(AskBelief), AskCodec.Encode(new AskAnswer.NotDelivered(3)));
        var content = AnswerSignature.Content(tavern, Jake, signer.Agent, 9, question, answer);
        var signature = signer.Sign(content);
        Assert.Equal(156, content.Length);
        Assert.True(AnswerSignature.IsValid(signer.PublicKey.Span, content, signature, verifier));
        byte[][] others =
        [
            AnswerSignature.Content(Hash.Of("other"u8), Jake, signer.Agent, 9, question, answer),
            AnswerSignature.Content(tavern, Frodo, signer.Agent, 9, question, answer),
            AnswerSignature.Content(tavern, Jake, Frodo, 9, question, answer),
            AnswerSignature.Content(tavern, Jake, signer.Agent, 10, question, answer),
            AnswerSignature.Content(tavern, Jake, signer.Agent, 9, answer, answer),
            AnswerSignature.Content(tavern, Jake, signer.Agent, 9, question, question),
        ];
        Assert.All(others, other => Assert.False(AnswerSignature.IsValid(signer.PublicKey.Span, other, signature, verifier)));
    }
}
