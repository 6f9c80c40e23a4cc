using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>The file that an invitation will be written to, made before anybody is spawned: the invitation holds the newcomer's only
/// key, and nobody should exist for whom there is no place to put it. For its owner alone (0600). One owner.</summary>
public sealed class InvitationFile : IDisposable
{
    private readonly string _path;
    private bool _written;

    private InvitationFile(string path) => _path = path;

    /// <summary>Makes the file, empty.</summary>
    /// <exception cref="NodeFileException">One of that name exists, or the folder cannot be written to.</exception>
    public static InvitationFile Create(string path)
    {
        try
        {
            return PrivateFile.TryCreateEmpty(path)
                ? new InvitationFile(path)
                : throw new NodeFileException($"{path} exists and is not overwritten. Name another file.");
        }
        catch (Exception e) when (e is IOException and not NodeFileException or UnauthorizedAccessException)
        {
            throw new NodeFileException($"No invitation can be written to {path}: {e.Message} Nobody was invited.", e);
        }
    }

    /// <summary>Writes the invitation. When the method returns, it survives power loss.</summary>
    /// <exception cref="IOException">The disk refuses; the newcomer's key is lost, so it should be retired.</exception>
    public void Write(Invitation invitation)
    {
        PrivateFile.Replace(_path, invitation.ToJson());
        _written = true;
    }

    /// <summary>Takes the file away again unless an invitation was written to it.</summary>
    public void Dispose()
    {
        if (!_written) File.Delete(_path);
    }
}
