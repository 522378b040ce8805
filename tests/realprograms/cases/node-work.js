const { Worker, isMainThread, parentPort, workerData, MessageChannel, receiveMessageOnPort } = require('worker_threads');
const { spawn, spawnSync, fork, execSync, exec } = require('child_process');
const fs = require('fs'), os = require('os'), path = require('path'), zlib = require('zlib'), crypto = require('crypto');
const net = require('net'), stream = require('stream'), util = require('util'), assert = require('assert');
const { performance } = require('perf_hooks');

if (!isMainThread) {
    const a = new Int32Array(workerData.shared);
    for (let i = 0; i < 1000; i++) Atomics.add(a, 0, workerData.n);
    Atomics.add(a, 1, 1);
    Atomics.notify(a, 1);
    parentPort.on('message', m => { parentPort.postMessage({ n: workerData.n, reply: m * 2 }); if (m === 9) process.exit(workerData.n); });
} else if (process.argv[2] === 'child') {
    process.on('message', m => { process.send({ got: m }); if (m === 'end') process.disconnect(); });
} else main().catch(e => { console.log('failed', e); process.exit(1); });

async function main() {
    const shared = new SharedArrayBuffer(16), a = new Int32Array(shared);
    const workers = [1, 2, 3, 4].map(n => new Worker(__filename, { workerData: { shared, n } }));
    const replies = await Promise.all(workers.map(w => new Promise(r => { w.on('message', r); w.postMessage(21); })));
    console.log(replies.map(r => `${r.n}:${r.reply}`).sort().join(' '), a[0], a[1]);
    console.log((await Promise.all(workers.map(w => new Promise(r => { w.on('exit', r); w.postMessage(9); })))).sort().join(' '));
    const t = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await new Promise(r => t.on('online', r));
    console.log('terminated', await t.terminate());
    const bad = new Worker('throw new Error("inside")', { eval: true });
    console.log(await new Promise(r => bad.on('error', e => r(e.message))));

    console.log(execSync('echo sync; exit 0').toString().trim(), spawnSync('sh', ['-c', 'exit 5']).status, spawnSync('sh', ['-c', 'kill -9 $$']).signal, spawnSync('/nowhere').error.code);
    const c = spawn('sort', ['-n']);
    c.stdin.end(Array.from({ length: 5000 }, (_, i) => 5000 - i).join('\n'));
    let out = '';
    for await (const d of c.stdout) out += d;
    console.log(out.split('\n').slice(0, 3).join(','), out.length);
    const f = fork(__filename, ['child']);
    f.send('hello');
    f.on('message', m => { console.log(m); if (m.got === 'hello') f.send('end'); });
    console.log('child ends', await new Promise(r => f.on('exit', (code, sig) => r([code, sig]))));
    console.log(await new Promise(r => exec('sleep 10', { timeout: 100 }, e => r([e.killed, e.signal]))));
    const many = await Promise.all(Array.from({ length: 20 }, (_, i) => util.promisify(exec)(`echo ${i}`)));
    console.log(many.map(x => x.stdout.trim()).join(' '));

    const dir = fs.mkdtempSync('/tmp/node-');
    const p = path.join(dir, 'f');
    await fs.promises.writeFile(p, 'x'.repeat(100000));
    await stream.promises.pipeline(fs.createReadStream(p), zlib.createGzip(), fs.createWriteStream(p + '.gz'));
    console.log(zlib.gunzipSync(fs.readFileSync(p + '.gz')).length, fs.statSync(p).size, fs.existsSync(p + 'x'));
    await fs.promises.copyFile(p, p + 'c');
    await fs.promises.rename(p + 'c', p + 'r');
    fs.symlinkSync('f', p + 'l');
    console.log((await fs.promises.readdir(dir)).sort().join(' '), fs.readlinkSync(p + 'l'), fs.realpathSync(p + 'l') === p);
    await Promise.all(Array.from({ length: 100 }, (_, i) => fs.promises.writeFile(`${p}${i}`, `${i}`)));
    console.log((await Promise.all(Array.from({ length: 100 }, (_, i) => fs.promises.readFile(`${p}${i}`)))).reduce((s, b) => s + Number(b), 0));
    try { fs.readFileSync('/nowhere'); } catch (e) { console.log(e.code, e.errno, e.syscall); }
    fs.watchFile(p, { interval: 50 }, (cur, prev) => { console.log('changed', cur.size, prev.size); fs.unwatchFile(p); });
    await new Promise(r => setTimeout(r, 100));
    fs.appendFileSync(p, 'more');
    await new Promise(r => setTimeout(r, 400));
    try {
        const w = fs.watch(dir);
        const seen = new Promise(r => w.on('change', (type, name) => r([type, name])));
        fs.writeFileSync(path.join(dir, 'watched'), 'x');
        console.log(await Promise.race([seen, new Promise(r => setTimeout(r, 3000, 'no event'))]));
        w.close();
    } catch (e) { console.log('watch', e.code); }
    fs.rmSync(dir, { recursive: true });

    const sock = '/tmp/node.sock';
    const server = net.createServer(s => s.pipe(s)).listen(sock);
    const echoes = await Promise.all([1, 2, 3, 4, 5].map(n => new Promise(r => { const s = net.connect(sock, () => s.write('m' + n)); s.on('data', d => { r(d.toString()); s.end(); }); })));
    console.log(echoes.join(' '));
    await new Promise(r => server.close(r));

    console.log(crypto.createHash('sha256').update('abc').digest('hex').slice(0, 16), crypto.randomBytes(16).length);
    console.log((await util.promisify(crypto.pbkdf2)('p', 's', 10000, 16, 'sha256')).toString('hex'), (await util.promisify(crypto.scrypt)('p', 's', 16)).toString('hex'));
    const start = performance.now();
    await new Promise(r => setTimeout(r, 50));
    console.log(performance.now() - start >= 49);
    console.log(await new Promise(r => { process.once('SIGUSR2', () => r('signal')); process.kill(process.pid, 'SIGUSR2'); }));
    console.log(os.platform(), os.cpus().length > 0, os.totalmem() > 0, os.userInfo().username, os.hostname(), process.memoryUsage().rss > 1e7, os.loadavg().length);
    let n = 0; const big = []; for (let i = 0; i < 300; i++) { big.push(Buffer.alloc(100000, i)); n += big[i][5]; } console.log(n);
    console.log(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50));
    process.on('exit', code => console.log('exit', code));
    process.exitCode = 3;
}
