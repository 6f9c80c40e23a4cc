using Microsoft.Data.Sqlite;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Checking;
using Tavern.EventSourced.Stores.Checking;
using Tavern.EventSourced.Stores.Sqlite.Checking;

namespace Tavern.EventSourced.Tests.Stores.Checking;

/// <summary>Repairs of a store that holds a forked chain, with a peer that has everything and names no lines.</summary>
public sealed class ForkedRepairTests
{
    [Theory]
    [InlineData("update events set payload = x'00' where chain = {0} and sequence = 4")]
    [InlineData("update events set header = x'00' where chain = {0} and sequence = 5")]
    [InlineData("update events set signature = zeroblob(64) where chain = {0} and signature is not null")]
    [InlineData("delete from events where chain = {0} and sequence = 4")]
    [InlineData("delete from events where chain = {0}")]
    [InlineData("update events set payload = x'00'")]
    [InlineData("update events set hash = zeroblob(32) where chain = {0}")]
    [InlineData("update events set chain = (select chain from chains where branch = 0 order by chain desc) where chain = {0}")]
    [InlineData("update events set sequence = sequence + 1 where chain = {0}")]
    [InlineData("update segments set first = first - 1 where chain = {0}")]
    [InlineData("delete from segments where chain = {0}")]
    [InlineData("delete from runs where chain = {0}")]
    [InlineData("delete from runs")]
    [InlineData("update or ignore runs set chain = {0} where position > 8")]
    [InlineData("delete from chains where chain = {0}")]
    [InlineData("delete from chains")]
    [InlineData("update chains set branch = 9 where branch = 0 and agent = (select agent from chains where branch = 1)")]
    [InlineData("update chains set branch = -1 where chain = {0}")]
    [InlineData("delete from chains; delete from segments; delete from runs; update events set payload = x'00' where position > 4")]
    public async Task A_repair_brings_every_line_back(string damage)
    {
        var (store, segments) = await SoundStore.MakeForkedAsync(seed: 21);
        using var _ = store;
        for (var branch = 0; branch <= 3; branch++)
        {
            var path = store.Copy("damaged");
            SoundStore.Run(path, string.Format(System.Globalization.CultureInfo.InvariantCulture, damage, $"(select chain from chains where agent = (select agent from chains where branch = 3) and branch = {branch})"));
            var (result, before) = store.Check(path);
            if (before.Count == 0) continue; // this line has no such place

            var fetched = CopyCheck.Accept([.. segments.Select(segment => segment.InBranch(0))], store.Expected.Tavern, result.Check!, new SoundStore.QuickVerifier());
            var damaged = fetched.Where(segment => IsDamaged(result.Check!, segment)).ToList();
            var made = store.Empty("made");
            SqliteRebuild.Run(path, made, store.Expected, result.Check!, damaged, store.Expected.Hosted[0], new SoundStore.QuickVerifier(), DateTimeOffset.UnixEpoch.AddDays(9));
            var after = store.Check(made).Findings;
            Assert.True(after.Count == 0, $"{damage}, line {branch}: {string.Join('\n', after.Kept)}\nbefore: {string.Join('\n', before.Kept)}");
            Assert.Equal(segments.SelectMany(segment => segment.Records).Select(record => record.Hash.ToString()).Order(), Hashes(made).Order());
            Assert.Equal(4, Count(made, "select count(*) from chains where agent = (select agent from chains where branch > 0 limit 1)"));
        }
    }

    private static bool IsDamaged(StoreCheck check, Segment segment) =>
        segment.Records.Any(record => check.Chain(segment.Chain) is var chain && (chain.Damaged.Contains(record.Id.Sequence) || record.Id.Sequence > chain.Head));

    private static List<string> Hashes(string path)
    {
        using var database = new SqliteConnection($"Data Source={path};Pooling=false");
        database.Open();
        using var read = database.CreateCommand();
        read.CommandText = "select hash from events";
        using var rows = read.ExecuteReader();
        var found = new List<string>();
        while (rows.Read()) found.Add(new Hash((byte[])rows.GetValue(0)).ToString());
        return found;
    }

    private static long Count(string path, string sql)
    {
        using var database = new SqliteConnection($"Data Source={path};Pooling=false");
        database.Open();
        using var read = database.CreateCommand();
        read.CommandText = sql;
        return (long)read.ExecuteScalar()!;
    }
}
