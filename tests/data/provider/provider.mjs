// Two OpenID Connect issuers on the loopback, as oidc-provider makes them: the one that is asked, and a stranger.
//
// `node provider.mjs MODULE`, with what it is to be on standard input, one line of JSON:
//   ports (0: free ones), keys (a JWKS for each), clients, resources (audience → what its tokens are), behind (seconds
//   that its clock is late). It writes its two URLs, and ends when standard input does.
import http from 'node:http';
import readline from 'node:readline';

const { default: Provider } = await import(process.argv[2]);
const input = readline.createInterface({ input: process.stdin });
const said = JSON.parse((await input[Symbol.asyncIterator]().next()).value);
process.stdin.resume().on('end', () => process.exit(0));
console.warn = console.info = () => {};

const now = Date.now;
Date.now = () => now() - said.behind * 1000;

async function issue(port, jwks) {
  let asked = 0;
  let answer;
  const server = http.createServer((request, response) => {
    if (request.url === '/asked') return response.end(String(asked));
    asked += request.url === '/jwks';
    return answer(request, response);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(url, {
    jwks,
    clients: said.clients.map((each) => ({
      ...each, grant_types: ['client_credentials'], redirect_uris: [], response_types: [],
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({ audience: resource, ...said.resources[resource] }),
      },
    },
  });
  provider.on('server_error', (_, error) => console.error(error));
  answer = provider.callback();
  return url;
}

console.log(JSON.stringify([await issue(said.ports[0], said.keys[0]), await issue(said.ports[1], said.keys[1])]));
