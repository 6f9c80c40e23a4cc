using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Node;

public class PeerBookTests
{
    [Fact]
    public void Of_what_an_agent_announces_only_a_few_addresses_that_can_be_called_are_kept()
    {
        var (book, author) = (new PeerBook(), new TestChains(1).Author());
        book.Add(author.Next(EventCatalogue.Draft(new EndpointAnnounced(
        [
            "http://10.0.0.1:1", "https://node2.example:2", "ftp://127.0.0.1:3", "not an address", "http://127.0.0.1:4/" + new string('x', 300),
            "http://127.0.0.1:5", "http://[::1]:6", "http://localhost:7", "http://127.0.0.2:8", "http://127.0.0.1:9",
        ]))), new SegmentIndex());
        Assert.Equal([2, 5, 6, 7], book.AddressesAt(author.Chain, 1).Select(address => address.Port));
    }

    [Fact]
    public void The_latest_announcement_that_was_delivered_counts()
    {
        var (book, author) = (new PeerBook(), new TestChains(2).Author());
        for (var port = 1; port <= 3; port++) book.Add(author.Next(Announced(port)), new SegmentIndex());
        Assert.Empty(book.AddressesAt(author.Chain, 0));
        for (var port = 1; port <= 3; port++) Assert.Equal(port, Assert.Single(book.AddressesAt(author.Chain, port)).Port);
        Assert.Equal(3, Assert.Single(book.AddressesAt(author.Chain, 99)).Port);
    }

    [Fact]
    public void Of_ten_thousand_announcements_the_latest_are_kept()
    {
        var (book, author) = (new PeerBook(), new TestChains(3).Author());
        for (var port = 1; port <= 10_000; port++) book.Add(author.Next(Announced(port)), new SegmentIndex());
        Assert.Equal(10_000, Assert.Single(book.AddressesAt(author.Chain, 10_000)).Port);
        Assert.Equal(9_990, Assert.Single(book.AddressesAt(author.Chain, 9_990)).Port);
        Assert.Empty(book.AddressesAt(author.Chain, 5_000));
    }

    private static EventDraft Announced(int port) => EventCatalogue.Draft(new EndpointAnnounced([$"http://127.0.0.1:{port}"]));
}
