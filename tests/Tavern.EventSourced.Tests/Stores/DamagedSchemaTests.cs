using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Sqlite;
using Tavern.EventSourced.Stores.Sqlite.Checking;
using Tavern.EventSourced.Tests.Stores.Checking;

namespace Tavern.EventSourced.Tests.Stores;

/// <summary>Stores whose tables are not what their migrations made.</summary>
public class DamagedSchemaTests
{
    [Theory]
    [InlineData("drop table segments", "segments is missing")]
    [InlineData("drop table positions", "positions is missing")]
    [InlineData("delete from migrations", "lacks the step")]
    [InlineData("delete from migrations where number = 2", "lacks the step")]
    [InlineData("drop table migrations", "lacks the step")]
    [InlineData("alter table runs rename column hop to hops", "runs is not what")]
    public async Task Tables_and_steps_that_do_not_fit_together_are_refused_by_every_way_in_and_nothing_is_changed(string damage, string what)
    {
        using var sound = await SoundStore.MakeAsync(seed: 11, steps: 10);
        var path = sound.Path;
        SoundStore.Run(path, damage);
        var before = await File.ReadAllBytesAsync(path);
        foreach (var mustExist in (bool[])[false, true])
            foreach (var readOnly in (bool[])[false, true])
                Check(await Assert.ThrowsAsync<StoreRefusedException>(async () =>
                    await SqliteEventStore.OpenAsync(new SqliteStoreOptions { Path = path, ReadOnly = readOnly, MustExist = mustExist }, default)));
        Check(Assert.Throws<StoreRefusedException>(() => SqliteLook.At(path)));
        Assert.Equal(before, await File.ReadAllBytesAsync(path));

        void Check(StoreRefusedException refused)
        {
            Assert.True(refused.IsDamaged);
            Assert.Contains(what, refused.Message, StringComparison.Ordinal);
            Assert.Contains("tavern fsck", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_empty_file_is_not_looked_into_and_not_read_but_may_become_a_store()
    {
        var folder = Directory.CreateTempSubdirectory("tavern-empty-");
        try
        {
            var options = new SqliteStoreOptions { Path = Path.Combine(folder.FullName, "events.db") };
            await File.WriteAllBytesAsync(options.Path, []);
            Assert.Contains("is empty", Assert.Throws<StoreRefusedException>(() => SqliteLook.At(options.Path)).Message, StringComparison.Ordinal);
            var refused = await Assert.ThrowsAsync<StoreRefusedException>(async () => await SqliteEventStore.OpenAsync(options with { ReadOnly = true }, default));
            Assert.False(refused.IsDamaged);
            await using var store = await SqliteEventStore.OpenAsync(options, default);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
