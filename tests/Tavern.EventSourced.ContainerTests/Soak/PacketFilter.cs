using System.Diagnostics;
using System.Globalization;
using Tavern.EventSourced.Cli.Demo;
using Tavern.EventSourced.ContainerTests.Support;

namespace Tavern.EventSourced.ContainerTests.Soak;

/// <summary>Real partitions between processes of one machine: the kernel drops their packets, silently and each direction by itself. Each node's process
/// runs in a group (gid) of its own, by which the kernel tells whose packet it is; connections are marked with the group that opened them, so that
/// answers are dropped too. Needs root and iptables. All rules are in chains named after this process; those of runs that were killed are removed by the
/// next.</summary>
internal sealed class PacketFilter : IDisposable
{
    private const string ChainPrefix = "tavern-soak-";
    private const uint FirstGroup = 0x54000000; // above all groups that systems give out
    private const uint NodesMax = 16;

    private static readonly string[] Tables = ["filter", "mangle"];

    private readonly string _chain = ChainPrefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    private PacketFilter()
    {
    }

    /// <summary>Makes one that drops nothing; skips the test where that is not possible.</summary>
    public static PacketFilter Make()
    {
        RequiredTool.Require("iptables");
        RequiredTool.Require("setpriv");
        RequiredTool.Require(Environment.UserName == "root", "partitions between processes need root");
        RemoveChainsOfTheDead();
        var filter = new PacketFilter();
        var (code, why) = Run("iptables-restore", filter.Rules([], []), "--noflush", "-w", "10");
        RequiredTool.Require(code == 0, $"this kernel takes no iptables rules by owner and connection mark: {why}");
        foreach (var table in Tables) MustRun("iptables", "", "-w", "10", "-t", table, "-A", "OUTPUT", "-o", "lo", "-p", "tcp", "-j", filter._chain);
        return filter;
    }

    /// <summary>The same program, in a node's group.</summary>
    public static TavernExecutable InGroup(int node, TavernExecutable program) =>
        new("setpriv", [$"--regid={GroupOf(node)}", "--clear-groups", program.File, .. program.Before]);

    /// <summary>From now on exactly these links are cut: what a node sends to another does not arrive.</summary>
    /// <param name="links">Sender and receiver.</param>
    /// <param name="ports">For each node the port on which others reach it.</param>
    public void Cut(IEnumerable<(int From, int To)> links, IReadOnlyList<int> ports) => MustRun("iptables-restore", Rules(links, ports), "--noflush", "-w", "10");

    /// <summary>From now on everything arrives.</summary>
    public void Heal() => Cut([], []);

    public void Dispose() => RemoveChain(_chain);

    private static uint GroupOf(int node) => FirstGroup + ((uint)Environment.ProcessId * NodesMax) + (uint)node;

    /// <summary>Both tables as one input: naming a chain empties it, and each table changes at once.</summary>
    private string Rules(IEnumerable<(int From, int To)> links, IReadOnlyList<int> ports)
    {
        var marks = Enumerable.Range(0, (int)NodesMax).Select(node =>
            $"-A {_chain} -m conntrack --ctstate NEW -m owner --gid-owner {GroupOf(node)} -j CONNMARK --set-mark {GroupOf(node)}");
        var drops = links.SelectMany(link => (string[])
        [
            $"-A {_chain} -p tcp --dport {ports[link.To]} -m owner --gid-owner {GroupOf(link.From)} -j DROP",
            $"-A {_chain} -p tcp --sport {ports[link.From]} -m connmark --mark {GroupOf(link.To)} -j DROP",
        ]);
        return string.Join('\n', ["*mangle", $":{_chain} - [0:0]", .. marks, "COMMIT", "*filter", $":{_chain} - [0:0]", .. drops, "COMMIT", ""]);
    }

    private static void RemoveChainsOfTheDead()
    {
        var names = Run("iptables", "", "-w", "10", "-S").Output.Split('\n').Where(line => line.StartsWith("-N " + ChainPrefix, StringComparison.Ordinal)).Select(line => line[3..].Trim());
        foreach (var name in names)
            if (!Directory.Exists("/proc/" + name[ChainPrefix.Length..])) RemoveChain(name);
    }

    private static void RemoveChain(string name)
    {
        foreach (var table in Tables)
        {
            Run("iptables", "", "-w", "10", "-t", table, "-D", "OUTPUT", "-o", "lo", "-p", "tcp", "-j", name);
            Run("iptables", "", "-w", "10", "-t", table, "-F", name);
            Run("iptables", "", "-w", "10", "-t", table, "-X", name);
        }
    }

    private static void MustRun(string program, string input, params string[] words)
    {
        var (code, output) = Run(program, input, words);
        Assert.True(code == 0, $"{program} {string.Join(' ', words)}: {output}\n{input}");
    }

    private static (int Code, string Output) Run(string program, string input, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
