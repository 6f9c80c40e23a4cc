using Tavern.EventSourced.Identity;
using Tavern.EventSourced.Views;

namespace Tavern.EventSourced.Node.Requests;

/// <summary>Checks who may be spawned.</summary>
internal static class Newcomers
{
    /// <summary>The witness as parent of an agent of this name.</summary>
    /// <exception cref="RefusedException">The name is not valid or taken, or the parent is retired.</exception>
    public static AgentId ParentOf(Witness witness, string name)
    {
        if (!AgentName.IsValid(name))
            throw RefusedException.Invalid($"'{name}' is not a name for an agent; expected 1 to {AgentName.CharsMax} letters, " +
                $"digits, '_' or '-', the first a letter or digit.");
        if (witness.Names.Find(name) is NameLookup.Found taken)
            throw new RefusedException(new Problem(
                ProblemTypes.NameTaken, "The name is taken", 409, $"'{name}' is the name of agent {taken.Agent}. Choose another name."));
        WriteRules.RequireActive(witness);
        return witness.Observer;
    }
}
