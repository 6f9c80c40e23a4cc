using System.Text.Json;
using Tavern.EventSourced.Cli.Rendering;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Cli.Commands;

/// <summary>The file that an invitation goes to. Its place is taken before anything is asked of the node: what it holds exists only once.</summary>
internal sealed class NewInvitation : IDisposable
{
    private readonly string _file;
    private readonly InvitationFile _place;

    private NewInvitation(string file) => (_file, _place) = (file, InvitationFile.Create(file));

    /// <summary>Takes a place where nothing is.</summary>
    /// <exception cref="CliException">There is a file already.</exception>
    public static NewInvitation At(string file) => File.Exists(file)
        ? throw new CliException(ExitCode.Conflict, $"{file} exists and is not overwritten.", "a new file", "another --invite FILE")
        : new NewInvitation(file);

    /// <summary>Writes it.</summary>
    /// <param name="invited">What the node made.</param>
    /// <param name="done">What has happened to the agent by now, should the disk refuse.</param>
    /// <param name="expected">What that means.</param>
    /// <param name="remedy">The command that helps.</param>
    public InvitationWritten Write(InvitedAnswer invited, string done, string expected, string remedy)
    {
        try
        {
            _place.Write(Invitation.FromJson(JsonSerializer.SerializeToUtf8Bytes(invited.Invitation, JsonElementJson.Default.JsonElement)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                ExitCode.Conflict,
                $"{invited.Agent.Name} {done}, but its invitation could not be written to {_file}: {e.Message}",
                expected,
                $"tavern {remedy} {invited.Agent.Name} --as {invited.Parent.Name}");
        }

        return new InvitationWritten(invited.Agent, invited.Parent, invited.Event, _file, invited.Expires);
    }

    /// <inheritdoc/>
    public void Dispose() => _place.Dispose();
}
