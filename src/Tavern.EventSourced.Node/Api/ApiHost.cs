using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tavern.EventSourced.Events;
using Tavern.EventSourced.Node.Doors;
using Tavern.EventSourced.Node.Hosting;
using Tavern.EventSourced.Node.Requests;

namespace Tavern.EventSourced.Node.Api;

/// <summary>The HTTP API of a running node, on loopback only, HTTP/1.1 so that curl and browsers work. Writes <c>node.json</c> when it
/// answers and removes it when it stops.</summary>
public sealed class ApiHost : IAsyncDisposable
{
    // The largest payload, and room for its causes, each at most some 60 characters, and the rest of the body.
    private const int BodyBytesMax = EventLimits.PayloadBytesMax + 64 * 1024;

    private readonly WebApplication _app;
    private readonly NodeOptions _options;
    private readonly Health _health = new();
    private volatile RequestDelegate? _api;

    private ApiHost(WebApplication app, NodeOptions options) => (_app, _options) = (app, options);

    /// <summary>Where it listens, with the port it got.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts to answer for a node that has started. Port 0 takes any free one.</summary>
    /// <param name="node">A node that was started, not one opened for reading.</param>
    /// <param name="log">Where faults are written; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentException">The listen address is not plain HTTP on a loopback address.</exception>
    /// <exception cref="AddressTakenException">The port is taken.</exception>
    public static async Task<ApiHost> StartAsync(TavernNode node, ILoggerProvider? log, CancellationToken cancellationToken)
    {
        var host = await OpenAsync(node.Options, log, cancellationToken);
        host.Serve(node);
        return host;
    }

    /// <summary>Listens before the node has started: until <see cref="Serve"/> only <c>/livez</c> and <c>/readyz</c> are answered, all else with
    /// 503.</summary>
    /// <param name="options">The settings of the node that will start.</param>
    /// <param name="log">Where faults are written; null for nowhere.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ArgumentException">The listen address is not plain HTTP on a loopback address.</exception>
    /// <exception cref="AddressTakenException">The port is taken.</exception>
    public static async Task<ApiHost> OpenAsync(NodeOptions options, ILoggerProvider? log, CancellationToken cancellationToken)
    {
        var endPoint = LoopbackOf(options.ApiListen);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, endPoint));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        if (log is not null) builder.Logging.AddProvider(log);

        var app = builder.Build();
        var host = new ApiHost(app, options);
        app.Run(host.AnswerAsync);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (AddressTakenException.IsMeantBy(e))
        {
            await app.DisposeAsync();
            throw new AddressTakenException("API", options.ApiListen, e);
        }

        host.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return host;
    }

    /// <summary>The node has started: from now on everything is answered, and <c>node.json</c> says where.</summary>
    public void Serve(TavernNode node)
    {
        var tokens = new CallerToken(new TokenFolder(_options.DataFolder), () => node.Hosted);
        tokens.EnsureAll();
        var gate = new ApiGate(tokens, _app.Services.GetRequiredService<ILogger<ApiHost>>());
        var api = ((IApplicationBuilder)_app).New();
        api.Use(gate.PassAsync);
        api.UseRouting();
        api.UseEndpoints(endpoints => Endpoints.Map(endpoints, RequestHandlers.Over(node), node, tokens));
        _api = api.Build();
        _health.Started(node);
        new NodeFile(Environment.ProcessId, Address, node.GossipAddress, node.StartedAt).Write(_options.DataFolder);
    }

    /// <summary>Removes <c>node.json</c> and stops answering.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_api is not null) NodeFile.Remove(_options.DataFolder); // before, another node may have written it
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (OwnOrigin.FlawOf(context.Request) is { } flaw)
            await context.WriteProblemAsync(new Problem(ProblemTypes.ForeignOrigin, "Not from here", StatusCodes.Status403Forbidden, flaw));
        else if (await _health.TryAnswerAsync(context))
            return;
        else if (_api is { } api)
            await api(context);
        else
            await context.WriteProblemAsync(Health.NotReady(Health.Starting));
    }

    private static IPEndPoint LoopbackOf(Uri listen)
    {
        var address = listen.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? IPAddress.Loopback
            : IPAddress.TryParse(listen.Host.AsSpan().Trim("[]"), out var parsed) ? parsed : null;
        return listen.Scheme == Uri.UriSchemeHttp && address is not null && IPAddress.IsLoopback(address)
            ? new IPEndPoint(address, listen.Port)
            : throw new ArgumentException(
                $"The API cannot listen at {listen}: it is for this machine only. Expected http://127.0.0.1:PORT or http://[::1]:PORT.",
                nameof(listen));
    }

    private static void Configure(KestrelServerOptions kestrel, IPEndPoint endPoint)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = BodyBytesMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024; // a request needs a few hundred bytes
        kestrel.Limits.MaxRequestLineSize = 16 * 1024; // a cut of some 200 agents
        kestrel.Limits.MaxConcurrentConnections = 1024; // streams and waiting readers of one machine
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        kestrel.Listen(endPoint, listen => listen.Protocols = HttpProtocols.Http1);
    }

    /// <summary>The owner of the node decides when the process ends: no signal is handled here.</summary>
    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
