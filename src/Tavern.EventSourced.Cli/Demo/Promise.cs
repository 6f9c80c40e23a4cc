using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Demo;

/// <summary>Chapter 4: "done" is a claim. A promise is kept when somebody else has checked it.</summary>
internal static class Promise
{
    /// <summary>Tells it.</summary>
    public static async Task TellAsync(Scene scene, string task)
    {
        var cast = scene.Cast;
        scene.Stage.Chapter("Done is not complete", "\"Anybody can say it is open. Somebody should try the handle.\"");
        var promise = await scene.WriteAsync("Gandalf promises that the gate will be open.", cast.Gandalf, Act.Commit("gandalf", "The west gate is open.", task));
        var first = await scene.WriteAsync("He claims that it is.", cast.Gandalf, Act.Claim("gandalf", promise, "I said the word."));
        await StandsAsync(scene, "Jake sees a claim, not a fact.", promise, "claimed");
        await scene.HearsAsync("Legolas hears of the claim.", cast.Legolas, first, cast.Gandalf);
        await scene.WriteAsync("Legolas tries the gate: shut.", cast.Legolas, Act.Verify("legolas", first, pass: false, "It did not move."));
        await StandsAsync(scene, "Jake sees that the claim failed.", promise, "failed");
        await StateAsync(scene, cast.Gandalf, promise, "failed"); // he must have the verdict before he answers it: else the two are concurrent
        var second = await scene.WriteAsync("Gandalf says the word in Elvish, and claims again.", cast.Gandalf, Act.Claim("gandalf", promise, "Mellon."));
        await StandsAsync(scene, "The new claim takes the place of the old one.", promise, "claimed");
        await scene.HearsAsync("Legolas hears of the new claim.", cast.Legolas, second, cast.Gandalf);
        await scene.WriteAsync("Legolas walks through.", cast.Legolas, Act.Verify("legolas", second, pass: true, "Walked through."));
        await StandsAsync(scene, "Jake sees it verified, by somebody else than Gandalf.", promise, "verified");
        await scene.ShowAsync("tavern commitments --observer jake", cast.Jake, new ListCommitments("jake"), WorkText.ShowCommitments);
    }

    private static Task StandsAsync(Scene scene, string promise, string commitment, string state) => scene.Stage.StepAsync(promise, async () =>
    {
        var found = await StateAsync(scene, scene.Cast.Jake, commitment, state);
        return new Outcome(found?.Value == state, found is null ? "not heard of" : $"{found.Value}, as of {found.Evidence.AsOf.Name}");
    });

    private static async Task<Belief?> StateAsync(Scene scene, Member member, string commitment, string state)
    {
        var answer = await scene.UntilAsync(member, new ListCommitments(member.Name), all => Line(all)?.State.Value == state);
        return Line(answer)?.State;

        CommitmentLine? Line(CommitmentsAnswer all) => all.Commitments.FirstOrDefault(line => line.Commitment.Name == commitment);
    }
}
