using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tavern.EventSourced.Gossip;
using Tavern.EventSourced.Node.Transports;
using Tavern.EventSourced.Tests.Support;

namespace Tavern.EventSourced.Tests.Transports;

/// <summary>What the HTTP/2 caller makes of answers that no Tavern node gives.</summary>
public sealed class Http2CallerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("status", "answered with status 418 and no reply")]
    [InlineData("redirect", "answered with status 307 and no reply")]
    [InlineData("html", "answered with status 200 and no reply")]
    [InlineData("garbage", "failed: The tag 1 names no field.")]
    [InlineData("empty", "failed: The reply is in version 0; spoken here: 1 to 1.")]
    [InlineData("declared", "is larger than 1376256 bytes")]
    [InlineData("endless", "is larger than 1376256 bytes")]
    [InlineData("broken", "No answer from")]
    public async Task An_answer_that_is_no_reply_is_a_transport_error(string kind, string expected)
    {
        await using var stranger = await ListenAsync(context => AnswerAsync(context, kind));
        await using var caller = new Http2Transport();
        var error = await Assert.ThrowsAsync<TransportException>(
            () => caller.CallAsync(new Uri(stranger.Urls.Single()), Gossips.Ask(1), default).AsTask().WaitAsync(Patience));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_where_nobody_speaks_http_is_a_transport_error_after_the_time_limit()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new ManualTimeProvider();
        await using var caller = new GuardedTransport(new Http2Transport(), time);
        var call = caller.CallAsync(new Uri($"http://{silent.LocalEndpoint}"), Gossips.Ask(1), default).AsTask();
        using var accepted = await silent.AcceptTcpClientAsync().WaitAsync(Patience);
        time.Advance(TimeSpan.FromSeconds(5));
        var error = await Assert.ThrowsAsync<TransportException>(() => call.WaitAsync(Patience));
        Assert.Equal($"No answer from http://{silent.LocalEndpoint}/ within 5 s.", error.Message);
    }

    private static async Task AnswerAsync(HttpContext context, string kind)
    {
        var response = context.Response;
        response.ContentType = Http2Transport.ContentType;
        switch (kind)
        {
            case "status":
                response.ContentType = null;
                response.StatusCode = 418;
                break;
            case "redirect":
                response.ContentType = null;
                response.Redirect("http://127.0.0.1:1/", permanent: false, preserveMethod: true);
                break;
            case "html":
                response.ContentType = "text/html";
                await response.WriteAsync("<p>hello");
                break;
            case "garbage":
                await response.Body.WriteAsync(new byte[] { 1, 2, 3 });
                break;
            case "declared":
                response.ContentLength = long.MaxValue;
                await response.Body.FlushAsync();
                break;
            case "endless":
                while (!context.RequestAborted.IsCancellationRequested) await response.Body.WriteAsync(new byte[64 * 1024], context.RequestAborted);
                break;
            case "broken":
                await response.Body.WriteAsync(new byte[] { 1 });
                await response.Body.FlushAsync();
                context.Abort();
                break;
            default:
                break;
        }
    }

    private static async Task<WebApplication> ListenAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return application;
    }
}
