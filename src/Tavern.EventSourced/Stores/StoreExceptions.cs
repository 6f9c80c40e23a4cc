namespace Tavern.EventSourced.Stores;

/// <summary>A batch contradicts what the store holds. Nothing was changed.</summary>
public sealed class StoreConflictException(string message) : InvalidOperationException(message);

/// <summary>Another process owns the store. Nothing was changed; this process must stop.</summary>
public sealed class StoreFencedException(string message) : InvalidOperationException(message);

/// <summary>The store cannot commit now, or does not know whether it did. The same batch may be tried again.</summary>
public sealed class StoreUnavailableException(string message, Exception? inner = null) : InvalidOperationException(message, inner);

/// <summary>The store cannot be opened: another process holds it, it is from a newer version, or it is damaged.</summary>
public sealed class StoreRefusedException(string message, Exception? inner = null) : InvalidOperationException(message, inner)
{
    /// <summary>True when what is stored is damaged or gone; false when somebody else holds it or another version or program wrote it.
    /// Default: false.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>True when nothing at all is left of what was stored. Default: false.</summary>
    public bool IsLost { get; init; }
}

/// <summary>The store holds less than it acknowledged: it went back to an older state, as a server does that fails over to a copy which lagged
/// behind, or is put back to a backup. What was lost is not known here, but may be elsewhere: the node has to start anew on what is there, get
/// back what others have, and begin a new epoch.</summary>
public sealed class StoreRolledBackException(string message) : InvalidOperationException(message);

/// <summary>The disk did not confirm a write: what it holds is unknown, and trying again may "succeed" over lost data. This process
/// must stop; the next start reads what is there. Source: Rebello et al., "Can applications recover from fsync failures?", 2020.</summary>
public sealed class StoreSyncFailedException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
