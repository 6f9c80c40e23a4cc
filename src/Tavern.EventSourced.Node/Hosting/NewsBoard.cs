using System.Collections.Concurrent;
using Tavern.EventSourced.Identity;

namespace Tavern.EventSourced.Node.Hosting;

/// <summary>Lets readers wait until a hosted agent's log is longer. Safe for concurrent use.</summary>
internal sealed class NewsBoard
{
    private readonly ConcurrentDictionary<AgentId, Notice> _notices = [];

    /// <summary>The agent's log has this many events by now.</summary>
    public void Post(AgentId holder, long length)
    {
        Notice old;
        do old = NoticeOf(holder);
        while (length > old.Length && !_notices.TryUpdate(holder, new Notice(length), old));
        if (length > old.Length) old.Replaced.TrySetResult();
    }

    /// <summary>Completes when the log is longer than a length.</summary>
    public async Task WaitAsync(AgentId holder, long longerThan, CancellationToken cancellationToken)
    {
        while (true)
        {
            var notice = NoticeOf(holder);
            if (notice.Length > longerThan) return;
            await notice.Replaced.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Notice NoticeOf(AgentId holder) => _notices.GetOrAdd(holder, _ => new Notice(0));

    private sealed class Notice(long length)
    {
        public long Length { get; } = length;

        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
