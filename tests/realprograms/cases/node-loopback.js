// TCP, HTTP and UDP over the loopback.
const http = require('http'), net = require('net'), dgram = require('dgram'), cluster = require('cluster'), dns = require('dns');
if (cluster.isWorker) {
    http.createServer((q, r) => r.end('worker')).listen(8123, '127.0.0.1');
    process.on('message', () => process.exit(0));
} else (async () => {
    const s = http.createServer((q, r) => { let b = ''; q.on('data', d => b += d); q.on('end', () => r.end(q.method + q.url + b.length)); });
    await new Promise(r => s.listen(0, '127.0.0.1', r));
    const port = s.address().port;
    const get = (path, body) => new Promise((ok, no) => { const q = http.request({ port, host: '127.0.0.1', path, method: body ? 'POST' : 'GET' }, r => { let t = ''; r.on('data', d => t += d); r.on('end', () => ok(t)); }); q.on('error', no); q.end(body); });
    console.log((await Promise.all([1, 2, 3, 4, 5, 6].map(n => get('/' + n, n % 2 ? 'x'.repeat(n * 100000) : undefined)))).join(' '));
    s.close(); s.closeAllConnections && s.closeAllConnections();
    const e = net.createServer(c => c.pipe(c));
    await new Promise(r => e.listen(0, r));
    console.log(await new Promise(r => { const c = net.connect(e.address().port, '127.0.0.1'); let n = 0; c.on('data', d => { n += d.length; if (n === 1000000) { r(n); c.destroy(); } }); c.write(Buffer.alloc(1000000)); }));
    e.close();
    console.log(await new Promise(r => net.connect(1, '127.0.0.1').on('error', x => r(x.code))));
    const u = dgram.createSocket('udp4');
    await new Promise(r => u.bind(0, '127.0.0.1', r));
    console.log(await new Promise(r => { u.on('message', m => r(m.toString())); dgram.createSocket('udp4').send('packet', u.address().port, '127.0.0.1', function () { this.close && this.close(); }); }));
    u.close();
    const ws = [cluster.fork(), cluster.fork()];
    await Promise.all(ws.map(w => new Promise(r => w.on('listening', r))));
    console.log(await new Promise(r => http.get({ port: 8123, host: '127.0.0.1' }, q => { let t = ''; q.on('data', d => t += d); q.on('end', () => r(t)); })));
    console.log((await Promise.all(ws.map(w => new Promise(r => { w.on('exit', r); w.send('end'); })))).join(' '));
    process.exit(0);
})();
