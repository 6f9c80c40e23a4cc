using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Views;

/// <summary>Hashes values in a form in which no two different sequences of values are written alike: numbers in eight bytes,
/// texts and lists behind their length, what may be missing behind 0 or 1.</summary>
internal sealed class CanonicalWriter : IDisposable
{
    private const int ChunkBytes = 16 * 1024; // hashed at once; large enough that the calls do not count

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _buffer = new(ChunkBytes * 2);

    public void Number(long value)
    {
        BinaryPrimitives.WriteInt64BigEndian(_buffer.GetSpan(sizeof(long)), value);
        Advance(sizeof(long));
    }

    public void Text(string? text)
    {
        Number(text is null ? -1 : Encoding.UTF8.GetByteCount(text));
        if (text is null) return;
        Advance(Encoding.UTF8.GetBytes(text, _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    public void Agent(AgentId agent)
    {
        agent.CopyTo(_buffer.GetSpan(AgentId.Bytes));
        Advance(AgentId.Bytes);
    }

    public void Event(EventId id)
    {
        Agent(id.Agent);
        Number(id.Epoch);
        Number(id.Sequence);
    }

    public void Event(EventId? id)
    {
        Number(id is null ? 0 : 1);
        if (id is { } some) Event(some);
    }

    public void List<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        Number(items.Count);
        foreach (var item in items) write(item);
    }

    public void Candidate<T>(Candidate<T> candidate, Action<T> write)
    {
        write(candidate.Value);
        Event(candidate.Event);
        Number(candidate.Depth);
        candidate.Hash.CopyTo(_buffer.GetSpan(Identity.Hash.Bytes));
        Advance(Identity.Hash.Bytes);
        Text(candidate.Rule);
    }

    public void Field<T>(Field<T>? field, Action<T> write)
    {
        Number(field is null ? 0 : 1);
        if (field is not null) List(field.Candidates, candidate => Candidate(candidate, write));
    }

    public Hash Finish()
    {
        _hash.AppendData(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
        return new Hash(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void Advance(int bytes)
    {
        _buffer.Advance(bytes);
        if (_buffer.WrittenCount < ChunkBytes) return;
        _hash.AppendData(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
