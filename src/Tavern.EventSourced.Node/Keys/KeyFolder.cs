using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Keys;

/// <summary>The identity keys of the agents hosted here, one file per agent, apart from all data: data may be lost, copied or
/// rolled back, a key may not. Files are for their owner alone (0600, folder 0700) and are never overwritten.</summary>
public sealed class KeyFolder
{
    private const string Extension = ".pem";
    private const string RecoveryPrefix = "recovery-";
    private const string ReplacedInfix = ".replaced-"; // then the id that belongs to the old key
    private const int KeyBytesMax = 16 * 1024; // a P-256 key in PEM form has about 240 bytes

    private readonly string _folder;

    private KeyFolder(string folder) => _folder = folder;

    /// <summary>The folder, as a full path.</summary>
    public string Path => _folder;

    /// <summary>Opens a folder; makes it, open to its owner alone, when it is missing.</summary>
    /// <exception cref="KeyFolderException">Others may write to it, and could exchange keys.</exception>
    public static KeyFolder Open(string path)
    {
        var folder = System.IO.Path.GetFullPath(path);
        PrivateFile.CreateFolder(folder);
        OwnerOnly.RequireFolder(folder);
        return new KeyFolder(folder);
    }

    /// <summary>Makes and stores the key of a new agent. When the method returns, the key survives power loss.</summary>
    public EcdsaSigner Create()
    {
        var key = EcdsaSigner.Create();
        Store(FileOf(key.Agent), key);
        return key;
    }

    /// <summary>Stores an agent's key that came from elsewhere, as in an invitation.</summary>
    /// <exception cref="KeyFolderException">A key of the agent is held.</exception>
    public void Add(EcdsaSigner key) => Store(FileOf(key.Agent), key);

    /// <summary>Stores the new key that an agent was given. The one it had, if it is here, is kept beside it under another name.</summary>
    /// <exception cref="KeyFolderException">The key that is here cannot be read, so it would be lost.</exception>
    public void Replace(AgentId agent, EcdsaSigner key)
    {
        if (!Holds(agent))
        {
            Store(FileOf(agent), key);
            return;
        }

        using var before = Load(agent);
        if (before.PublicKey.Span.SequenceEqual(key.PublicKey.Span)) return;
        PrivateFile.TryCreate(System.IO.Path.Combine(_folder, $"{agent}{ReplacedInfix}{before.Agent}{Extension}"), Encoding.UTF8.GetBytes(before.ToPem() + "\n"));
        PrivateFile.Replace(FileOf(agent), Encoding.UTF8.GetBytes(key.ToPem() + "\n"));
    }

    /// <summary>Reads a root agent's recovery key.</summary>
    /// <exception cref="KeyFolderException">It is missing, readable by others, or not a key.</exception>
    public static EcdsaSigner LoadRecovery(string file) => Load(file, "The recovery key");

    /// <summary>Makes and stores the recovery key of a tavern's root agent, once.</summary>
    /// <exception cref="KeyFolderException">It is held already.</exception>
    public RecoveryKey CreateRecovery(AgentId root)
    {
        var key = EcdsaSigner.Create();
        var file = RecoveryFileOf(_folder, root.ToString());
        Store(file, key);
        return new RecoveryKey(key, file);
    }

    /// <summary>True when the agent's key is here.</summary>
    public bool Holds(AgentId agent) => File.Exists(FileOf(agent));

    /// <summary>Reads an agent's key.</summary>
    /// <exception cref="KeyFolderException">It is missing, readable by others, or not a key.</exception>
    public EcdsaSigner Load(AgentId agent) => Load(FileOf(agent), $"The key of agent {agent}");

    /// <summary>The agents whose keys are here, sorted.</summary>
    public IReadOnlyList<AgentId> List()
    {
        var agents = new List<AgentId>();
        foreach (var file in Directory.EnumerateFiles(_folder, "*" + Extension))
            if (AgentId.TryParse(System.IO.Path.GetFileNameWithoutExtension(file), out var agent)) agents.Add(agent);
        agents.Sort();
        return agents;
    }

    private static EcdsaSigner Load(string file, string what)
    {
        var bytes = OwnerOnly.Read(file, KeyBytesMax, what);
        try
        {
            return EcdsaSigner.FromPem(Encoding.UTF8.GetString(bytes));
        }
        catch (Exception e) when (e is ArgumentException or System.Security.Cryptography.CryptographicException)
        {
            throw new KeyFolderException($"{what} cannot be read from {file}: it holds no private key in PEM form. Restore the file from its backup.", e);
        }
    }

    private static void Store(string file, EcdsaSigner key)
    {
        if (!PrivateFile.TryCreate(file, Encoding.UTF8.GetBytes(key.ToPem() + "\n")))
            throw new KeyFolderException($"{file} exists and is not overwritten. A key that is gone cannot be made again: move it away first.");
    }

    private string FileOf(AgentId agent) => System.IO.Path.Combine(_folder, agent + Extension);

    /// <summary>Where a root agent's recovery key is put when it is made.</summary>
    public static string RecoveryFileOf(string folder, string root) => System.IO.Path.Combine(folder, RecoveryPrefix + root + Extension);
}
