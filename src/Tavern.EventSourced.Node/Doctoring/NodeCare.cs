using System.Diagnostics;
using System.Net.Sockets;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Doctoring;

/// <summary>The node that runs on the folder, if one does: process, ports, token, and what its agents' peers do.</summary>
internal static class NodeCare
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5); // a node that is merely busy answers sooner

    public static async Task<IReadOnlyList<DoctorLine>> LookAsync(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (NodeFile.Find(folder) is not { } file)
            return [File.Exists(Path.Combine(folder, NodeFile.Name))
                ? DoctorLine.Warning("node", "node.json cannot be read", "The next start of the node replaces it.")
                : DoctorLine.Ok("node", "none runs; the last one that did ended well")];
        if (IsAlive(file.Pid) && !NodeStore.IsHeld(folder))
            return [DoctorLine.Warning("node", $"node.json names process {file.Pid}, which does not hold this folder: the folder is a copy, or its node was killed", "Commands read the folder itself. Never run a node on a copy while one runs on the original: both would use the same numbers.")];
        if (!IsAlive(file.Pid) || !await AnswersAsync(file.Api, cancellationToken).ConfigureAwait(false))
            return [IsAlive(file.Pid) && Owner(folder)?.Contains($"process {file.Pid} ", StringComparison.Ordinal) == true
                ? DoctorLine.Problem("node", $"process {file.Pid} is there, but its API at {file.Api} does not answer", "Look at what it wrote to its terminal; if it hangs, end it and start it again.")
                : DoctorLine.Warning("node", $"node.json names process {file.Pid}, which is gone: it was killed", "Nothing is lost. The next start replaces the file.")];
        var lines = new List<DoctorLine> { DoctorLine.Ok("node", $"process {file.Pid} since {file.StartedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}; lock held by {Owner(folder) ?? "somebody"}; API at {file.Api} answers") };
        if (file.Gossip is { Port: > 0 } gossip)
            lines.Add(await AnswersAsync(gossip, cancellationToken).ConfigureAwait(false)
                ? DoctorLine.Ok("gossip", $"{gossip} answers")
                : DoctorLine.Problem("gossip", $"{gossip} does not answer", "Others cannot reach this node: start it again."));
        lines.AddRange(await AskAsync(file, folder, time, cancellationToken).ConfigureAwait(false));
        return lines;
    }

    private static async Task<IReadOnlyList<DoctorLine>> AskAsync(NodeFile file, string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(AnswerMax, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            await using var door = new HttpDoor(file.Api, new TokenFolder(folder));
            var status = await door.SendAsync(new GetStatus(), ending.Token).ConfigureAwait(false);
            List<DoctorLine> lines = [DoctorLine.Ok("token", "the folder's token lets read")];
            foreach (var problem in status.Problems) lines.Add(DoctorLine.Problem("writing", problem, "Nothing that was acknowledged is lost; tavern status follows it."));
            foreach (var row in status.Agents)
            {
                if (row.Link is { FailuresInARow: > 0 } link && !row.Retired)
                    lines.Add(DoctorLine.Warning("peer", $"{row.Agent.Name}: {link.FailuresInARow} calls in a row failed: {link.Failure}", $"tavern why shows what that delays; is {row.Agent.Name}'s node up?"));
                if (row.ForkedAt is { } fork)
                    lines.Add(DoctorLine.Warning("fork", $"{row.Agent.Name} wrote two records in one place: {fork.Name}", "tavern show --forks has both lines, and what to do."));
                if (row.HeadAgeSeconds < -60)
                    lines.Add(DoctorLine.Warning("clock", $"{row.Agent.Name}'s clock is {-row.HeadAgeSeconds:0} s ahead of this one's", "Set one of the two clocks."));
            }

            return lines;
        }
        catch (DoorException e)
        {
            return [DoctorLine.Problem("token", e.Problem.Detail, "Start the node again: it makes the tokens that are missing.")];
        }
        catch (Exception e) when (e is NodeUnreachableException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [DoctorLine.Problem("node", $"it does not answer a question within {AnswerMax.TotalSeconds} s", "Look at what it wrote to its terminal.")];
        }
    }

    private static string? Owner(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "owner.txt")).Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsAlive(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>True when something accepts a connection there within two seconds.</summary>
    internal static async Task<bool> AnswersAsync(Uri address, CancellationToken cancellationToken)
    {
        if (address.Port <= 0) return false; // no address of a network
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            using var probe = new TcpClient();
            await probe.ConnectAsync(address.Host, address.Port, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
