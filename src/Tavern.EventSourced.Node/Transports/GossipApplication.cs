using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports.Tls;
using Tavern.EventSourced.Wire;

namespace Tavern.EventSourced.Node.Transports;

/// <summary>Answers HTTP requests with what the gossip handler returns.</summary>
internal sealed class GossipApplication(
    Http2TransportOptions options, Func<GossipEnvelope, CancellationToken, ValueTask<GossipMessage>> handler, ILogger logger) : IHttpApplication<HttpContext>
{
    private int _calls;

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        if (RefusedStatus(context.Request, options.Tls) is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _calls) > options.CallsMax)
                await ReplyAsync(context, StatusCodes.Status503ServiceUnavailable, new GossipMessage.Refused(RefusalReason.Busy, $"{options.CallsMax} calls are being answered."));
            else
                await AnswerAsync(context);
        }
        finally
        {
            Interlocked.Decrement(ref _calls);
        }
    }

    private static int? RefusedStatus(HttpRequest request, bool tls)
    {
        // A page in a browser can make a name of its own point here; it cannot change the name that the browser sends.
        // Over TLS it proves nothing, and comes not this far.
        if (!tls && !Loopback.IsHost(request.Host.Host)) return StatusCodes.Status421MisdirectedRequest;
        if (request.Path != Http2Transport.Path) return StatusCodes.Status404NotFound;
        if (!HttpMethods.IsPost(request.Method)) return StatusCodes.Status405MethodNotAllowed;
        if (request.ContentType != Http2Transport.ContentType) return StatusCodes.Status415UnsupportedMediaType;
        return request.ContentLength > GossipEnvelope.MessageBytesMax ? StatusCodes.Status413PayloadTooLarge : null;
    }

    private async ValueTask AnswerAsync(HttpContext context)
    {
        if (await BodyAsync(context) is not { } body) return;
        GossipEnvelope call;
        try
        {
            switch (GossipCodec.DecodeCall(body.Span))
            {
                case DecodedCall.Readable(var envelope):
                    call = envelope;
                    break;
                case DecodedCall.OtherVersion other:
                    await ReplyAsync(context, StatusCodes.Status200OK, other.Refusal);
                    return;
                default:
                    throw new InvalidOperationException("A decoded call is of a kind not handled here.");
            }
        }
        catch (MalformedMessageException e)
        {
            await ReplyAsync(context, StatusCodes.Status400BadRequest, new GossipMessage.Refused(RefusalReason.Malformed, e.Message));
            return;
        }

        if (context.Features.Get<ProvenAgents>() is { } caller && !caller.Speaks(call.From))
            await ReplyAsync(context, StatusCodes.Status200OK, new GossipMessage.Refused(RefusalReason.Stranger, $"{call.From} was not proven on this connection."));
        else
            await HandleAsync(context, call);
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> BodyAsync(HttpContext context)
    {
        try
        {
            var body = await BoundedBody.ReadAsync(
                context.Request.Body, context.Request.ContentLength, GossipEnvelope.MessageBytesMax, context.RequestAborted);
            if (body is null) context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return body;
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode; // too slow, or longer than allowed
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The caller went away in the middle of its call.
        }

        return null;
    }

    private async ValueTask HandleAsync(HttpContext context, GossipEnvelope call)
    {
        GossipMessage answer;
        try
        {
            answer = await handler(call, context.RequestAborted);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            // One call failed; the caller learns that it did, the operator why.
            logger.LogError(e, "A gossip call of {From} to {To} failed.", call.From, call.To);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }

        await ReplyAsync(context, StatusCodes.Status200OK, answer);
    }

    private static async ValueTask ReplyAsync(HttpContext context, int status, GossipMessage message)
    {
        var bytes = GossipCodec.EncodeReply(message);
        context.Response.StatusCode = status;
        context.Response.ContentType = Http2Transport.ContentType;
        context.Response.ContentLength = bytes.Length;
        try
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The caller did not wait for its answer.
        }
    }
}
