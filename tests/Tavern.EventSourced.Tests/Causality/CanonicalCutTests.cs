using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Causality;

/// <summary>How cuts are written; that all nodes write the same cut alike, and no two cuts, is among the properties of forks.</summary>
public class CanonicalCutTests
{
    private readonly TestTavern _tavern = new(seed: 1);

    [Fact]
    public void A_cut_without_forks_reads_like_its_clock()
    {
        var gandalf = _tavern.Jake.Spawn("gandalf");
        gandalf.Write(new TaskCreated("a"));
        Assert.Equal(gandalf.Clock.ToString(), Of(gandalf.Clock).ToString());
        Assert.Equal("", Of(VectorClock.Empty).ToString());
    }

    [Fact]
    public void Lines_go_by_the_hash_of_their_first_record_above_the_fork_and_so_do_lines_that_fork_again()
    {
        var (a, jake) = (_tavern.Jake, _tavern.Jake.Chain);
        var b = a.Fork();
        var (ofA, ofB) = (a.Write(new TaskCreated("a")), b.Write(new TaskCreated("b")));
        var c = b.Fork();
        var further = b.Write(new TaskCreated("b again"));
        var second = c.Write(new TaskCreated("c"), new TaskCreated("c again"));
        var all = a.Clock.Merge(b.Clock).Merge(c.Clock);
        string[] lower = [.. new[] { $"{Name(ofA)}=2", $"{Name(ofB)}=2" }.Order(StringComparer.Ordinal)];
        string[] upper = [.. new[] { $"{Name(further)}=3", $"{Name(second.Chain[3])}=4" }.Order(StringComparer.Ordinal)];
        Assert.Equal($"{jake}=1/{string.Join('/', lower)}/{string.Join('/', upper)}", Of(all).ToString());

        Assert.Equal($"{jake}=4", Of(c.Clock).ToString()); // one line, through two branches here
        Assert.False(Of(c.Clock).Equals(Of(a.Clock)));
        Assert.False(Of(a.Clock).Equals(Of(b.Clock.Meet(VectorClock.Of([new ClockEntry(jake, 1), new ClockEntry(ofB.Chain, 2)])))));
    }

    [Fact]
    public void A_chain_that_forked_at_its_first_record_shares_nothing()
    {
        var gandalf = _tavern.Jake.Spawn("gandalf");
        var other = gandalf.Fork();
        var (a, b) = (gandalf.Write(new TaskCreated("a")), other.Write(new TaskCreated("b")));
        var text = Of(gandalf.Clock.Merge(other.Clock)).ToString();
        Assert.Contains($"{gandalf.Chain.Main}=0/{string.Join('/', new[] { $"{Name(a)}=1", $"{Name(b)}=1" }.Order(StringComparer.Ordinal))}", text, StringComparison.Ordinal);
    }

    private CanonicalCut Of(VectorClock cut) => CanonicalCut.Of(cut, _tavern.Index(), id => _tavern.Read(id).Hash);

    private string Name(EventId id) => _tavern.Read(id).Hash.ToString()[..8];
}
