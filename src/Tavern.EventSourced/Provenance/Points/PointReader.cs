using System.Collections.Immutable;
using System.Globalization;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Provenance;

/// <summary>Reads one side of a point from a part of a text, left to right.</summary>
internal sealed class PointReader
{
    private const int NameCharsMax = 64;
    private const int HashStartMin = 4;
    private const int HashStartMax = 16; // 64 bits: nobody meets two by chance
    private const int CutEventsMax = 16_384; // twice the largest tavern that is tested

    private readonly string _text;
    private readonly int _end;
    private int _at;

    public PointReader(string text, int start, int end) => (_text, _end, _at) = (text, end, start);

    public HistoryPoint ReadSide()
    {
        if (_at == _end) throw Expected("an agent, an event or a time");
        if (_text[_at] == '-') return PointTime.ReadAgo(_text, _at, _end);
        if (PointTime.IsTime(_text.AsSpan(_at, _end - _at))) return PointTime.ReadTime(_text, _at, _end);
        var first = ReadEvent();
        if (TryTake('/'))
        {
            var subject = ReadAgent();
            return _at == _end ? new HistoryPoint.Seen(first, subject) : throw Expected("the end after the agent that is seen");
        }

        var events = ImmutableArray.CreateBuilder<HistoryPoint.Event>();
        events.Add(first);
        while (TryTake(','))
        {
            if (events.Count == CutEventsMax) throw Expected($"the end after {CutEventsMax} events");
            events.Add(ReadEvent());
        }

        if (_at < _end)
        {
            throw Expected(_text[_at] == '/' ? "one observer before '/', not a cut"
                : first.Sequence is null ? "':' and a sequence, '@' and an epoch, ',', '/', '..' or the end" : "'~', '^', ',', '/', '..' or the end");
        }

        return events.Count == 1 ? first : new HistoryPoint.Cut(events.ToImmutable());
    }

    private HistoryPoint.Event ReadEvent()
    {
        var agent = ReadAgent();
        int? epoch = TryTake('@') ? (int)ReadNumber("an epoch", int.MaxValue) : null;
        int? branch = IsBranch() && TryTake('/') ? (int)ReadNumber("a branch", int.MaxValue) : null;
        if (!TryTake(':')) return new HistoryPoint.Event(agent, epoch, null, []);
        var sequence = ReadNumber("a sequence", long.MaxValue);
        var hash = TryTake('#') ? ReadHashStart() : null;
        var steps = ImmutableArray.CreateBuilder<PointStep>();
        while (_at < _end && _text[_at] is '~' or '^')
        {
            if (TryTake('~')) steps.Add(new PointStep(PointStepKind.Earlier, (int)ReadNumber("how many events earlier", int.MaxValue)));
            else if (TryTake('^')) steps.Add(new PointStep(PointStepKind.Cause, IsDigit() ? (int)ReadNumber("which cause", int.MaxValue) : 1));
        }

        return new HistoryPoint.Event(agent, epoch, sequence, steps.ToImmutable(), branch, hash);
    }

    /// <summary>A number between '/' and ':' is a branch; anything else after '/' is the agent that is seen.</summary>
    private bool IsBranch()
    {
        if (_at >= _end || _text[_at] != '/') return false;
        var at = _at + 1;
        while (at < _end && char.IsAsciiDigit(_text[at])) at++;
        return at > _at + 1 && at < _end && _text[at] == ':';
    }

    private string ReadHashStart()
    {
        var from = _at;
        while (_at < _end && char.IsAsciiHexDigit(_text[_at])) _at++;
        return _at - from is >= HashStartMin and <= HashStartMax
            ? _text[from.._at]
            : throw new PointSyntaxException(_text, from + 1, $"{HashStartMin} to {HashStartMax} hexadecimal digits of a hash are expected");
    }

    private string ReadAgent()
    {
        var from = _at;
        while (_at < _end && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-')) _at++;
        if (_at == from) throw Expected("an agent's name or id");
        if (_text[from] == '-') throw new PointSyntaxException(_text, from + 1, "an agent's name or id is expected; type a name that starts with '-' as its id");
        if (_at - from > NameCharsMax) throw new PointSyntaxException(_text, from + NameCharsMax + 1, $"the name exceeds {NameCharsMax} characters");
        if (!TryTake('~')) return _text[from.._at];
        var digits = _at;
        while (_at < _end && char.IsAsciiHexDigit(_text[_at])) _at++;
        return _at - digits is >= 4 and <= AgentId.Bytes * 2
            ? _text[from.._at]
            : throw new PointSyntaxException(
                _text, digits + 1, "4 to 32 hexadecimal digits of an id are expected; to count back, name a sequence first, as in gandalf:42~3");
    }

    private long ReadNumber(string what, long max)
    {
        var from = _at;
        while (IsDigit()) _at++;
        return long.TryParse(_text.AsSpan(from, _at - from), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw new PointSyntaxException(_text, from + 1, $"{what} is expected, a number from 1{(from == _at ? Found(from) : "")}");
    }

    private bool IsDigit() => _at < _end && char.IsAsciiDigit(_text[_at]);

    private bool TryTake(char wanted)
    {
        if (_at >= _end || _text[_at] != wanted) return false;
        _at++;
        return true;
    }

    private PointSyntaxException Expected(string what) => new(_text, _at + 1, $"{what} is expected{Found(_at)}");

    private string Found(int at) => at >= _text.Length ? ", but the text ends"
        : TerminalText.Plain(_text[at].ToString()) is [var shown] && shown == _text[at] ? $", not '{shown}'"
        : string.Create(CultureInfo.InvariantCulture, $", not U+{(int)_text[at]:X4}");
}
