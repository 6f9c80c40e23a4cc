namespace Tavern.EventSourced.Node.Requests;

/// <summary>The stable types of problems, and with which HTTP status they come.</summary>
public static class ProblemTypes
{
    /// <summary>400: the request cannot be read or a value is out of range.</summary>
    public const string Invalid = "urn:tavern:problem:invalid";

    /// <summary>401: no token, or one this node did not give out.</summary>
    public const string TokenMissing = "urn:tavern:problem:token-missing";

    /// <summary>403: the token is good for something else.</summary>
    public const string TokenWrong = "urn:tavern:problem:token-wrong";

    /// <summary>403: Host or Origin is not this node's.</summary>
    public const string ForeignOrigin = "urn:tavern:problem:foreign-origin";

    /// <summary>404: nobody, nothing or no event of that name is known.</summary>
    public const string NotFound = "urn:tavern:problem:not-found";

    /// <summary>404: the agent's log is not kept by this node.</summary>
    public const string NotHosted = "urn:tavern:problem:not-hosted";

    /// <summary>405: the path takes other methods.</summary>
    public const string MethodNotAllowed = "urn:tavern:problem:method-not-allowed";

    /// <summary>409: a name fits several.</summary>
    public const string Ambiguous = "urn:tavern:problem:ambiguous";

    /// <summary>409: another agent has the name.</summary>
    public const string NameTaken = "urn:tavern:problem:name-taken";

    /// <summary>409: a cut lacks causes of its events.</summary>
    public const string OpenCut = "urn:tavern:problem:open-cut";

    /// <summary>409: the idempotency key was used for another request.</summary>
    public const string IdempotencyConflict = "urn:tavern:problem:idempotency-conflict";

    /// <summary>409: everybody's folds would ignore the event.</summary>
    public const string WouldBeIgnored = "urn:tavern:problem:would-be-ignored";

    /// <summary>409: the agent cannot write now.</summary>
    public const string CannotWrite = "urn:tavern:problem:cannot-write";

    /// <summary>412: the chain does not end where the caller expected.</summary>
    public const string HeadMoved = "urn:tavern:problem:head-moved";

    /// <summary>412: the subscription does not stand where the caller expected; the cause was handled before.</summary>
    public const string PositionMoved = "urn:tavern:problem:position-moved";

    /// <summary>413: over a limit.</summary>
    public const string TooLarge = "urn:tavern:problem:too-large";

    /// <summary>503: the store cannot commit now; the same request may be tried again.</summary>
    public const string StoreUnavailable = "urn:tavern:problem:store-unavailable";

    /// <summary>503: no node is running on the data folder, and the request needs one.</summary>
    public const string NoNode = "urn:tavern:problem:no-node";

    /// <summary>503: the node answers, but is still starting.</summary>
    public const string NotReady = "urn:tavern:problem:not-ready";

    /// <summary>500: a fault of the node.</summary>
    public const string Internal = "urn:tavern:problem:internal";
}
