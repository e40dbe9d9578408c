// Loads a heap into the worker that the Memory panel of DevTools uses; gives the total size, the
// number of nodes, and what it says of the classes whose names are asked for.
async ([text, names]) => {
  const entry = "/devtools/entrypoints/heap_snapshot_worker/heap_snapshot_worker-entrypoint.js";
  async function connect() {
    const worker = new Worker(entry, { type: "module" });
    const waiting = new Map();
    await new Promise((ready) => worker.addEventListener("message", ready, { once: true }));
    worker.addEventListener("message", ({ data }) => {
      if (!waiting.has(data.callId)) return;
      const { resolve, reject } = waiting.get(data.callId);
      data.error ? reject(new Error(data.error)) : resolve(data.result);
    });
    let calls = 0;
    return (disposition, fields, ports = []) =>
      new Promise((resolve, reject) => {
        calls += 1;
        waiting.set(calls, { resolve, reject });
        worker.postMessage({ callId: calls, disposition, methodArguments: [], ...fields }, ports);
      });
  }
  const [first, second] = [await connect(), await connect()];
  const { port1, port2 } = new MessageChannel();
  await second("setupForSecondaryInit", { objectId: 1 }, [port2]);
  await first("createLoader", { objectId: 1 });
  const method = (objectId, methodName, ...methodArguments) =>
    first("method", { objectId, methodName, methodArguments });
  const CHUNK = 1 << 20;
  for (let at = 0; at < text.length; at += CHUNK) {
    await method(1, "write", text.slice(at, at + CHUNK));
  }
  await method(1, "close");
  await first("factory", { objectId: 1, methodName: "buildSnapshot", newObjectId: 2 }, [port1]);
  const total = await first("getter", { objectId: 2, methodName: "totalSize" });
  const nodes = await first("getter", { objectId: 2, methodName: "nodeCount" });
  const classes = Object.values(await method(2, "aggregatesWithFilter", {}));
  const wanted = classes.filter((it) => names.includes(it.name));
  return [total, nodes, Object.fromEntries(wanted.map((it) => [it.name, [it.count, it.maxRet]]))];
}
