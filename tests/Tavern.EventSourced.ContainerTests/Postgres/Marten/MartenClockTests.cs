using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.ContainerTests.Postgres.Marten;

/// <summary>The vector clock in the headers of each event, against the past that hashes name.</summary>
public sealed class MartenClockTests(PostgresFixture server) : MartenViewTest(server)
{
    private const int Commits = 120;
    private const string Rows = $"select {MartenRow.Columns} from mt_events order by seq_id";

    /// <summary>Chains that hear each other, begin epochs and fork, in commits of several segments; the views are made in the middle.</summary>
    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Clocks_are_what_the_writers_had_heard(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        await using var store = await OpenAsync();
        List<TestAuthor> authors = [Chains.Founder];
        List<Segment> batch = [Chains.Founding];
        for (var i = 0; i < 4; i++)
        {
            var (author, spawn) = Chains.Spawn($"agent {i}");
            authors.Add(author);
            batch.Add(spawn);
        }

        var applyAt = random.Below(Commits);
        for (var i = 0; i < Commits; i++)
        {
            for (var more = random.Below(4); more > 0; more--) batch.Add(Next(authors, random));
            if (batch.Count > 0) await store.CommitAsync(Batch([.. batch]), default);
            batch.Clear();
            if (i == applyAt) await ApplyAsync();
        }

        var expected = await EqualAsync(store);
        Assert.InRange(expected.Count(row => row.Archived), 1, expected.Count);

        // What was noted as it came is what is found afterwards.
        await AskAsync($"drop schema {Marten} cascade; drop index events_by_chain, events_by_id");
        await store.CommitAsync(Batch(authors[0].NextAfter(authors)), default);
        await ApplyAsync();
        await EqualAsync(store);
    }

    /// <summary>The first record of a chain depends on what its key rests on, whether it says so or not.</summary>
    [SkippableFact]
    public async Task A_chain_under_a_new_key_has_heard_of_its_key_and_of_what_that_names()
    {
        await using var store = await OpenAsync();
        await ApplyAsync();
        var (gandalf, spawn) = Chains.Spawn("gandalf");
        await store.CommitAsync(Batch(Chains.Founding, spawn, gandalf.Next(3)), default);
        var rekey = Chains.Founder.Next(EventCatalogue.Draft(new AgentRekeyed(gandalf.Chain.Agent, gandalf.Signer.PublicKey.ToArray(), gandalf.Head, gandalf.HeadHash)));
        var second = new TestAuthor(Chains.Tavern, gandalf.Signer, 2, rekey.HeadHash);
        await store.CommitAsync(Batch(rekey, second.Next(2)), default);
        await EqualAsync(store);
        Assert.Equal(
            new[] { ($"{gandalf.Chain}", 3L), ($"{second.Chain}", 2L), ($"{Chains.Founder.Chain}", 3L) }.Order(),
            (await RowsAsync(
                $"select heard.key, heard.value::bigint from mt_events, jsonb_each(headers -> 'clock') heard where stream_id = '{second.Chain}' and version = 2",
                row => (row.GetString(0), row.GetInt64(1)))).Order());
    }

    /// <summary>A node needs no right to what only readers use, and does not see it.</summary>
    [SkippableFact]
    public async Task A_node_without_rights_to_the_views_notes_clocks_all_the_same()
    {
        var role = Schema + "_node";
        await (await OpenAsync()).DisposeAsync();
        await ApplyAsync();
        foreach (var grant in (string[])[$"create role {role} login", $"grant usage on schema {Schema} to {role}", $"grant select, insert, update on all tables in schema {Schema} to {role}"])
            await AskAsync(grant);
        await using (var store = await OpenAsync(await OptionsAsync($";Username={role}")))
        {
            var (gandalf, spawn) = Chains.Spawn("gandalf");
            await store.CommitAsync(Batch(Chains.Founding, spawn, gandalf.Next(), Chains.Founder.NextAfter(gandalf)), default);
            await EqualAsync(store);
        }

        await AskAsync($"drop owned by {role}");
        await AskAsync($"drop role {role}");
    }

    private async Task<List<MartenRow>> EqualAsync(IEventStore store)
    {
        var (expected, rows) = (await ExpectedAsync(store), await RowsAsync(Rows, MartenRow.Read));
        Assert.Equal(expected.Count, rows.Count);
        for (var i = 0; i < rows.Count; i++) Assert.Equal(expected[i], rows[i]); // one at a time: all of them are no message to read
        return expected;
    }

    private static Segment Next(List<TestAuthor> authors, SplitMix64 random)
    {
        var author = authors[random.Below(authors.Count)];
        if (author.Head > 0 && random.Below(25) == 0)
        {
            var again = random.Below(2) == 0 ? author.NextEpoch() : author.Line(authors.Count);
            if (!authors.Exists(other => other.Chain == again.Chain)) authors.Add(author = again);
        }

        return random.Below(2) == 0 ? author.Next(1 + random.Below(3)) : author.NextAfter(authors.Where(other => other.Chain.Main != author.Chain.Main && random.Below(3) == 0));
    }
}
