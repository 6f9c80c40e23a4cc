using System.Reflection;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Tests.Architecture;

public class ArchitectureTests
{
    private const string Root = "Tavern.EventSourced.";

    /// <summary>The rooms of the core, from the ground up: each may use those before it, never those after.</summary>
    private static readonly string[] Rooms = ["Identity", "Causality", "Events", "Views", "Histories", "Provenance", "Stores", "Gossip", "Wire"];

    private static readonly Assembly Core = typeof(AgentId).Assembly;

    [Fact]
    public void Every_room_of_the_core_uses_only_the_rooms_below_it()
    {
        using var references = new AssemblyReferences(Core);
        var wrong = references.OwnNamespaceUses()
            .Where(use => use.From.StartsWith(Root, StringComparison.Ordinal) && use.To.StartsWith(Root, StringComparison.Ordinal))
            .Where(use => Level(use.To) > Level(use.From))
            .Select(use => $"{use.Type}: {use.From} -> {use.To}")
            .Distinct()
            .ToList();
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Tavern.EventSourced")]
    [InlineData("Tavern.EventSourced.Simulation")]
    public void Core_and_simulation_read_no_clock_draw_no_randomness_and_touch_no_file_socket_or_thread(string assembly)
    {
        using var references = new AssemblyReferences(Assembly.Load(assembly));
        string[] members =
        [
            "System.DateTime.get_Now", "System.DateTime.get_UtcNow", "System.DateTime.get_Today", "System.DateTimeOffset.get_Now",
            "System.DateTimeOffset.get_UtcNow", "System.TimeProvider.get_System", "System.Guid.NewGuid", "System.Guid.CreateVersion7",
            "System.Environment.get_TickCount", "System.Environment.get_TickCount64", "System.Threading.Tasks.Task.Run",
            "System.Threading.Tasks.Task.Delay", "System.Threading.Thread.Sleep",
        ];
        string[] types = ["System.Random", "System.Diagnostics.Stopwatch", "System.Threading.Thread", "System.Threading.Timer", "System.IO.File", "System.IO.FileStream", "System.IO.Directory"];
        string[] namespaces = ["System.Net.", "System.Data.", "Microsoft."];
        var wrong = references.ForeignMembers().Where(members.Contains)
            .Concat(references.ForeignTypes().Where(type => types.Contains(type) || namespaces.Any(prefix => type.StartsWith(prefix, StringComparison.Ordinal))))
            .Where(name => !name.StartsWith("Microsoft.CodeAnalysis.", StringComparison.Ordinal)) // attributes the compiler adds
            .Distinct()
            .ToList();
        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Tavern.EventSourced", "")]
    [InlineData("Tavern.EventSourced.Stores", "Tavern.EventSourced")]
    [InlineData("Tavern.EventSourced.Simulation", "Tavern.EventSourced")]
    [InlineData("Tavern.EventSourced.Node", "Tavern.EventSourced Tavern.EventSourced.Stores")]
    [InlineData("tavern", "Tavern.EventSourced Tavern.EventSourced.Stores Tavern.EventSourced.Node Tavern.EventSourced.Simulation")]
    public void Every_assembly_refers_only_to_those_below_it(string assembly, string allowed)
    {
        var referred = Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(name => name.Name!)
            .Where(name => name.StartsWith("Tavern", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(referred.Except(allowed.Split(' ')));
    }

    private static int Level(string ns) => Array.IndexOf(Rooms, ns[Root.Length..].Split('.')[0]) is var level and >= 0
        ? level
        : throw new InvalidOperationException($"Namespace {ns} is in no room of the core; rooms are {string.Join(", ", Rooms)}.");
}
