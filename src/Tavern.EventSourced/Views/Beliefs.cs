using System.Globalization;

namespace Tavern.EventSourced.Views;

/// <summary>Agents' fields as text with evidence.</summary>
internal static class Beliefs
{
    public static FieldBelief? Of(TavernView view, AgentView agent, string field) => field switch
    {
        "name" => Name(view, agent),
        "state" => Of(field, agent.State, state => state.ToString().ToLowerInvariant()),
        "note" => Of(field, agent.Note, note => note ?? ""),
        "task" => Of(field, agent.Task, task => task?.Main.ToString() ?? "none"),
        "endpoint" => Of(field, agent.Endpoint, endpoint => string.Join(' ', endpoint.Addresses)),
        "retired" => agent.Retired is null
            ? new FieldBelief(field, "no", agent.SpawnedBy, RuleIds.StateSpawned, false, [agent.SpawnedBy])
            : Of(field, agent.Retired, _ => "yes"),
        "epoch" => agent.Epoch is null
            ? new FieldBelief(field, "1", agent.SpawnedBy, RuleIds.StateSpawned, false, [agent.SpawnedBy])
            : Of(field, agent.Epoch, epoch => epoch.ToString(CultureInfo.InvariantCulture)),
        "commitments" => Commitments(field, agent),
        _ => null,
    };

    private static FieldBelief Commitments(string field, AgentView agent)
    {
        var tally = agent.Commitments;
        var text = string.Create(CultureInfo.InvariantCulture, $"{tally.Verified}/{tally.Counted}");
        return new FieldBelief(field, text, tally.ChangedBy, RuleIds.CompleteAllVerified, false, [tally.ChangedBy]);
    }

    private static FieldBelief Name(TavernView view, AgentView agent)
    {
        var (shown, spawn) = (view.Names.DisplayNameOf(agent.Id), agent.SpawnedBy);
        if (view.Names.NameOf(agent.Id) is not { } name) return new FieldBelief("name", shown, spawn, RuleIds.NameValid, false, [spawn]);
        var claims = view.Names.ClaimsOf(name);
        var contested = claims.Count > 1 && claims.Contains(spawn);
        return new FieldBelief("name", shown, spawn, RuleIds.NameFirst, contested, contested ? [spawn, .. claims.Remove(spawn)] : [spawn]);
    }

    private static FieldBelief? Of<T>(string name, Field<T>? field, Func<T, string> text) => field is null ? null : new FieldBelief(
        name, text(field.Value), field.DecidedBy, field.Rule, field.Contested, [.. field.Candidates.Select(candidate => candidate.Event)]);
}
