using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Backups;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Stores.Backups;
using Tavern.EventSourced.Stores.Checking;

namespace Tavern.EventSourced.Tests.Backups;

/// <summary>Backups that are not as they were written.</summary>
public sealed class DamagedBackupTests(BackupFixture tavern) : IClassFixture<BackupFixture>
{
    private const int Flips = 1500;
    private const int Cuts = 500;

    private static readonly byte[] Seed = RandomNumberGenerator.GetBytes(sizeof(ulong));

    [Fact]
    public async Task A_flipped_bit_anywhere_is_found()
    {
        var (sound, seed) = (await File.ReadAllBytesAsync(tavern.Backup), BinaryPrimitives.ReadUInt64LittleEndian(Seed));
        var random = new SplitMix64(seed);
        for (var i = 0; i < Flips; i++)
        {
            var (at, bit) = (i < 64 ? i : (int)(random.Next() % (ulong)sound.Length), 1 << (int)(random.Next() % 8));
            var changed = sound.ToArray();
            changed[at] ^= (byte)bit;
            await RefusedAsync(changed, $"seed {seed}: bit {bit} of byte {at} of {sound.Length}");
        }
    }

    [Fact]
    public async Task A_backup_that_is_cut_off_anywhere_or_goes_on_is_found()
    {
        var (sound, seed) = (await File.ReadAllBytesAsync(tavern.Backup), BinaryPrimitives.ReadUInt64LittleEndian(Seed));
        var random = new SplitMix64(seed);
        for (var i = 0; i < Cuts; i++)
        {
            var length = i < 64 ? i : i < 128 ? sound.Length - i + 63 : (int)(random.Next() % (ulong)sound.Length);
            await RefusedAsync(sound[..length], $"seed {seed}: cut off after {length} of {sound.Length} bytes");
        }

        await RefusedAsync([.. sound, 0], "one byte more");
        await RefusedAsync([.. sound, .. sound], "twice");
    }

    [Fact]
    public async Task What_is_damaged_or_contradicts_itself_is_refused_with_a_reason_and_restores_nothing()
    {
        var sound = await File.ReadAllBytesAsync(tavern.Backup);
        await RestoreRefusedAsync(sound[..^1], "is cut off");
        await RestoreRefusedAsync([], "is no backup of a tavern");
        await RestoreRefusedAsync("tavern backup\n"u8.ToArray(), "is cut off");
        var middle = sound.ToArray();
        middle[sound.Length / 2] ^= 1;
        await RestoreRefusedAsync(middle, "is damaged");
        var newer = sound.ToArray();
        newer[BackupForm.Magic.Length]++;
        Assert.False((await RestoreRefusedAsync(newer, "Use a newer version of Tavern")).IsDamaged);

        // Whole, with all checksums, but written by somebody who wants something else.
        var manifest = await ManifestAsync();
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest with { Tavern = Hash.Of("x"u8).ToString() }), "names the tavern");
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest with { Events = 1 }), "contradicts itself");
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest with { Schema = 2 }), "schema 2");
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest, tavernJson => tavernJson.Replace(manifest.Tavern, Hash.Of("x"u8).ToString(), StringComparison.Ordinal)), "names the tavern");
        await RestoreRefusedAsync(
            await WrittenAnewAsync(manifest with { Tavern = Hash.Of("x"u8).ToString() }, tavernJson => tavernJson.Replace(manifest.Tavern, Hash.Of("x"u8).ToString(), StringComparison.Ordinal)),
            "is no sound backup");
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest, row: row => row is StoredRow.Event { Position: 3 } event3 ? event3 with { Payload = "{}"u8.ToArray() } : row), "is no sound backup");
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest, row: row => row is StoredRow.Run { Position: 1 } ? null : row), "is no sound backup");
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest, skip: "positions"), "it ends before positions");
        await RestoreRefusedAsync(await WrittenAnewAsync(manifest, skip: "holders"), "is not the part that comes here");
    }

    [Fact]
    public void Every_row_is_its_bytes_and_its_bytes_are_the_row()
    {
        var random = new SplitMix64(7);
        StoredRow[] rows =
        [
            new StoredRow.Chain(long.MinValue, Bytes(16), long.MaxValue, 0), new StoredRow.Holder(-1, Bytes(0)),
            new StoredRow.Event(1, 2, 3, 1, Bytes(32), null, Bytes(100), Bytes(0)), new StoredRow.Event(1, 2, 3, 0, Bytes(32), Bytes(0), Bytes(1), Bytes(70_000)),
            new StoredRow.Segment(1, 2, 3, 4), new StoredRow.Receipt(1, 2, Bytes(16), unchecked((long)0xfedcba9876543210), 4, 5, 6, 7, null, 8),
            new StoredRow.Receipt(1, 2, Bytes(16), 3, 4, 5, 6, 7, "a\0b ☂ \u202e", 8), new StoredRow.Receipt(1, 2, Bytes(16), 3, 4, 5, 6, 7, "", 8), new StoredRow.Run(1, 2, 3, 4, 5, 6, 7),
            new StoredRow.Idempotency(1, "k\0 ☂", Bytes(32), 2, 3), new StoredRow.Subscription(1, "s", 2, null, null), new StoredRow.Subscription(1, "s", 2, 0, long.MaxValue),
        ];
        foreach (var row in rows)
        {
            var bytes = RowCodec.Encode(row);
            var table = RowCodec.Tables[RowCodec.OrderOf(row)];
            Assert.Equal(Convert.ToHexString(bytes.Span), Convert.ToHexString(RowCodec.Encode(RowCodec.Decode(bytes, table)).Span));
            for (var length = 0; length < Math.Min(bytes.Length, 200); length++) Assert.Throws<FormatException>(() => RowCodec.Decode(bytes[..length], table));
            Assert.Throws<FormatException>(() => RowCodec.Decode((byte[])[.. bytes.Span, 0], table));
        }

        byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next())];
    }

    private static async Task RefusedAsync(byte[] bytes, string what)
    {
        var refusal = await Record.ExceptionAsync(
            () => BackupFile.ReadAsync(new MemoryStream(bytes), "it", (_, _) => { }, _ => ValueTask.CompletedTask, CancellationToken.None));
        Assert.True(refusal is StoreRefusedException, $"{what}: {refusal?.ToString() ?? "was taken for whole"}");
    }

    private async Task<StoreRefusedException> RestoreRefusedAsync(byte[] bytes, string because)
    {
        var (file, folder, keys) = (tavern.FileOf(bytes), tavern.NewPath(), tavern.NewPath());
        var refused = await Assert.ThrowsAsync<StoreRefusedException>(() => tavern.RestoreAsync(file, folder, keys));
        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreRefusedException>(() => BackupFixture.CheckAsync(file));
        Assert.False(Directory.Exists(folder) || Directory.Exists(keys));
        return refused;
    }

    private async Task<BackupManifest> ManifestAsync()
    {
        await using var stream = File.OpenRead(tavern.Backup);
        return (await BackupFile.ReadAsync(stream, "it", (_, _) => { }, _ => ValueTask.CompletedTask, CancellationToken.None)).Manifest;
    }

    /// <summary>The backup with something in it exchanged, and sound checksums.</summary>
    private async Task<byte[]> WrittenAnewAsync(
        BackupManifest manifest, Func<string, string>? tavernJson = null, Func<StoredRow, StoredRow?>? row = null, string? skip = null)
    {
        using var written = new MemoryStream();
        using var reader = new BackupReader(new MemoryStream(await File.ReadAllBytesAsync(tavern.Backup)), "it");
        using var writer = new BackupWriter(written);
        var begun = "";
        foreach (var (part, content) in reader.Frames())
        {
            if (part == skip) continue;
            if (part != begun) writer.BeginPart(begun = part);
            if (content.IsEmpty) continue;
            if (part == BackupForm.Manifest) writer.Add(manifest.ToJson());
            else if (part == BackupForm.TavernFile) writer.Add(Encoding.UTF8.GetBytes((tavernJson ?? (text => text))(Encoding.UTF8.GetString(content.Span))));
            else if ((row ?? (same => same))(RowCodec.Decode(content, part)) is { } kept) writer.Add(RowCodec.Encode(kept).Span);
        }

        writer.End();
        return written.ToArray();
    }
}
