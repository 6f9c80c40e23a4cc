using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Stores;

namespace Tavern.EventSourced.Node.Doors;

/// <summary>The tokens of a node's API: one that lets read, and one per hosted agent that lets write as it. Files with 32 random
/// bytes as base64url, for their owner alone.</summary>
public sealed class TokenFolder(string dataFolder)
{
    private const int TokenBytes = 32; // 256 bits: cannot be guessed

    private readonly string _folder = Path.Combine(dataFolder, "tokens");

    /// <summary>The file with the token that lets read.</summary>
    public string ReadFile => Path.Combine(_folder, "read");

    /// <summary>The file with the token that lets write as an agent.</summary>
    public string WriteFile(AgentId agent) => Path.Combine(_folder, agent.ToString());

    /// <summary>The token that lets read; null when there is none.</summary>
    public string? FindRead() => Find(ReadFile);

    /// <summary>The token that lets write as an agent; null when there is none.</summary>
    public string? FindWrite(AgentId agent) => Find(WriteFile(agent));

    /// <summary>Makes the token that lets read if it is missing, and returns it.</summary>
    public string EnsureRead() => Ensure(ReadFile);

    /// <summary>Makes the token if it is missing, and returns it.</summary>
    public string EnsureWrite(AgentId agent) => Ensure(WriteFile(agent));

    private static string? Find(string file)
    {
        try
        {
            var text = File.ReadAllText(file).Trim();
            return IsToken(text) ? text : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string Ensure(string file)
    {
        if (Find(file) is { } found) return found;
        PrivateFile.CreateFolder(_folder);
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenBytes));
        PrivateFile.Replace(file, Encoding.ASCII.GetBytes(token + "\n"));
        return token;
    }

    private static bool IsToken(string text) => Base64Url.IsValid(text, out var bytes) && bytes == TokenBytes;
}
