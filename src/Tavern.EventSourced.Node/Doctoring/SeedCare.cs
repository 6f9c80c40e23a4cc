using Tavern.EventSourced.Node.Hosting;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>Whom the node calls first.</summary>
internal static class SeedCare
{
    public static async Task<IReadOnlyList<DoctorLine>> LookAsync(TavernFile file, CancellationToken cancellationToken)
    {
        if (file.Seeds.IsEmpty) return [];
        var answers = await Task.WhenAll(file.Seeds.Select(seed => NodeCare.AnswersAsync(seed.Address, cancellationToken))).ConfigureAwait(false);
        var silent = file.Seeds.Where((_, i) => !answers[i]).Select(seed => seed.Address.AbsoluteUri).Distinct().ToList();
        if (silent.Count == 0) return [DoctorLine.Ok("seeds", $"all {file.Seeds.Length} answer")];
        var what = $"{string.Join(", ", silent)} {(silent.Count == 1 ? "does" : "do")} not answer";
        return [answers.Any(answer => answer)
            ? DoctorLine.Ok("seeds", $"{what}; others do")
            : DoctorLine.Warning("seeds", what, "A node that knows other addresses from its log uses those. A newcomer needs one seed to answer: start that node.")];
    }
}
