using Tavern.EventSourced.Causality;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Events.Catalogue;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Node.Keys;
using Tavern.EventSourced.Provenance;
using Tavern.EventSourced.Stores;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Makes data folders: for a new tavern, or for a newcomer to an existing one.</summary>
public static class TavernFounding
{
    /// <summary>Founds a tavern: makes the root agent's key and a recovery key, and writes the tavern's first record.</summary>
    /// <param name="dataFolder">A folder that holds no tavern yet; made when it is missing.</param>
    /// <param name="keysFolder">Where keys go.</param>
    /// <param name="tavernName">For people.</param>
    /// <param name="rootName">The root agent's name.</param>
    /// <param name="time">Dates the first record.</param>
    /// <param name="cancellationToken">Gives up; a tavern that has no tavern.json yet does not exist.</param>
    /// <returns>The root agent.</returns>
    /// <exception cref="ArgumentException">The root's name is none.</exception>
    /// <exception cref="NodeFileException">The folder holds a tavern, or what is left of a founding that was cut short; the message
    /// says what to delete.</exception>
    public static async Task<AgentId> FoundAsync(
        string dataFolder, string keysFolder, string tavernName, string rootName, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!AgentName.IsValid(rootName))
            throw new ArgumentException($"'{rootName}' is not a name; expected 1 to {AgentName.CharsMax} letters, digits, '_' or '-', the first a letter or digit.", nameof(rootName));
        RequireEmpty(dataFolder);
        if (await NodeStore.IsTakenAsync(dataFolder, time, cancellationToken).ConfigureAwait(false))
            throw new NodeFileException($"{StoreFile.Find(dataFolder)!.Text} holds another node's log. Name another schema: Search Path=NAME in --store, or none.");
        var keys = KeyFolder.Open(keysFolder);
        using var signer = keys.Create();
        using var recovery = keys.CreateRecovery(signer.Agent).Key;
        var founded = EventCatalogue.Draft(new TavernFounded(tavernName, rootName, signer.PublicKey.ToArray(), recovery.PublicKey.ToArray()));
        var chain = new ChainId(signer.Agent, 1);
        var segment = new ChainWriter(null, chain, signer).Write([founded], 0, default, [], [new HybridLogicalClock().Next(time.GetUtcNow())])[0];

        await using (var store = await NodeStore.OpenAsync(dataFolder, readOnly: false, mustExist: false, "tavern init", time, cancellationToken).ConfigureAwait(false))
        {
            var batch = new StoreBatch { Segments = [new StoredSegment(segment, Verified: true)], Runs = [new Run(signer.Agent, 1, chain, 1, 1, 0, 0)] };
            await store.CommitAsync(batch, cancellationToken).ConfigureAwait(false);
        }

        // Last: a folder without this file holds no tavern, whatever else is in it.
        new TavernFile(segment.HeadHash, tavernName, [], [new HostedName(signer.Agent, rootName)]) { Stored = true }.Write(dataFolder);
        return signer.Agent;
    }

    /// <summary>Makes the data folder of a newcomer, or of an agent whose folder was lost and whose key is here or comes with the invitation: that one
    /// begins a new epoch. Its log is empty until its node has heard from a seed. With a new key the folder may also be the one that the agent
    /// had: then its log stays.</summary>
    /// <param name="dataFolder">A folder that holds no tavern yet; made when it is missing. With a new key also the agent's own.</param>
    /// <param name="keysFolder">Where the newcomer's key goes; the invitation's copy should be deleted afterwards.</param>
    /// <param name="invitation">From a member's node.</param>
    /// <param name="time">Says whether the invitation has expired.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The newcomer.</returns>
    /// <exception cref="NodeFileException">The folder holds a tavern, or the invitation is not sound or has expired.</exception>
    public static Task<AgentId> JoinAsync(string dataFolder, string keysFolder, Invitation invitation, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        InvitationCheck.Require(invitation);
        if (invitation.Rekeyed is not null && TavernFile.Exists(dataFolder)) return Task.FromResult(TakeUp(dataFolder, keysFolder, invitation));
        RequireEmpty(dataFolder);
        var keys = KeyFolder.Open(keysFolder);
        var isFirst = invitation.Rekeyed is null && !keys.Holds(invitation.Agent);
        if (isFirst) InvitationCheck.RequireInTime(invitation, time.GetUtcNow());
        PrivateFile.CreateFolder(dataFolder);
        if (invitation.Rekeyed is not null)
        {
            using var given = EcdsaSigner.FromPem(invitation.PrivateKeyPem);
            keys.Replace(invitation.Agent, given);
        }
        else if (!isFirst)
        {
            RestoreMark.Set(dataFolder); // the agent was here before, and its numbers are used
        }
        else
        {
            using var key = EcdsaSigner.FromPem(invitation.PrivateKeyPem);
            keys.Add(key);
        }

        var hosted = new HostedName(invitation.Agent, invitation.Name) { KeyTrail = invitation.KeyTrail };
        new TavernFile(invitation.Tavern, invitation.TavernName, invitation.Seeds, [hosted]) { Invited = isFirst }.Write(dataFolder);
        return Task.FromResult(invitation.Agent);
    }

    /// <summary>Only the key is replaced, with what shows that it is the agent's, and the seeds are those of today.</summary>
    private static AgentId TakeUp(string dataFolder, string keysFolder, Invitation invitation)
    {
        var file = TavernFile.Read(dataFolder);
        if (file.Tavern != invitation.Tavern || file.Hosted.All(hosted => hosted.Agent != invitation.Agent))
            throw new NodeFileException($"{dataFolder} holds the tavern {file.Name}, but not {invitation.Name}'s log of {invitation.TavernName}. Name another folder.");
        if (NodeStore.IsHeld(dataFolder)) throw new NodeFileException($"A node runs on {dataFolder}. Stop it first: it reads its keys when it starts.");
        using var given = EcdsaSigner.FromPem(invitation.PrivateKeyPem);
        KeyFolder.Open(keysFolder).Replace(invitation.Agent, given);
        var again = file with
        {
            Seeds = [.. invitation.Seeds.Concat(file.Seeds).DistinctBy(seed => seed.Agent)],
            Hosted = [.. file.Hosted.Select(hosted => hosted.Agent == invitation.Agent ? hosted with { KeyTrail = invitation.KeyTrail } : hosted)],
        };
        again.Write(dataFolder);
        return invitation.Agent;
    }

    private static void RequireEmpty(string dataFolder)
    {
        if (TavernFile.Exists(dataFolder)) throw new NodeFileException($"{dataFolder} holds a tavern already. Name another folder.");
        if (NodeStore.Exists(dataFolder))
            throw new NodeFileException(
                $"{dataFolder} holds a log but no tavern.json: its founding was cut short, or the file was lost. If no node ever ran there, " +
                $"nothing is lost with it: delete {NodeStore.FilesIn(dataFolder)} and begin again. Else bring tavern.json back from a backup, or move " +
                "the log to another place and join with the agent's invitation: it gets back what others have, and begins a new epoch.");
    }
}
