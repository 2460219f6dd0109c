import { readFileSync, globSync } from "node:fs";
import { createHmac } from "node:crypto";
import { it } from "vitest";
import { createEmulator } from "../../../src/simulation/index.js";
it("replay", async () => {
  const out: string[] = []; let n = 0, files = 0; const skips: Record<string, number> = {};
  for (const file of globSync("/work/shared/recordings/**/*.jsonl").sort()) {
    const ex = readFileSync(file, "utf8").trim().split("\n").map((l) => JSON.parse(l));
    const account = new URL(ex[0].url).hostname.split(".")[0]!;
    let now = Date.parse("2025-01-01T00:00:00Z");
    const emulator = createEmulator({ account, endpoint: `https://${account}.file.core.windows.net`, clock: { now: () => (now += 37) }, random: Math.random });
    const gap = ex.find((e) => { const u = new URL(e.url); const c = u.searchParams.get("comp"); return ["lease","rename","snapshot","acl","copy","listhandles","forceclosehandles","undelete","filepermission","userdelegationkey"].includes(c!) || (c==="properties"&&u.searchParams.get("restype")==="service") || u.searchParams.has("sharesnapshot")|| u.searchParams.has("prevsharesnapshot") || ["hardlink","symboliclink"].includes(u.searchParams.get("restype")!) || e.requestHeaders["x-ms-copy-source"] || e.requestHeaders["x-ms-structured-body"] || e.requestHeaders["x-ms-lease-id"] || e.status===202&&e.method==="PUT" || e.requestHeaders["x-ms-enabled-protocols"]==="NFS" || e.responseHeaders["x-ms-mode"] || (e.requestBodyNotRecorded && Number(e.requestHeaders["content-length"]??1)>0&& c==="range") || (e.requestBody??"").includes("...truncated") });
    if (gap) { const u=new URL(gap.url); const k = u.searchParams.get("comp") ?? u.searchParams.get("restype") ?? (gap.requestBodyNotRecorded?"body not recorded":(gap.requestBody??"").includes("...truncated")?"truncated":"other"); skips[k]=(skips[k]??0)+1; continue; }
    files++;
    for (const e of ex) {
      n++;
      const u = new URL(e.url.replace(new URL(e.url).hostname, `${account}.file.core.windows.net`));
      const h = new Headers();
      for (const [k, v] of Object.entries<string>(e.requestHeaders)) if (!["authorization","connection","accept-encoding","host","content-length","transfer-encoding","x-ms-date","date"].includes(k)) try { h.set(k, v); } catch {}
      if ([...u.searchParams.keys()].includes("sig")) { for (const k of ["sv","st","se","sp","sr","sig","ss","srt","spr"]) u.searchParams.delete(k) }
      h.set("x-ms-date", new Date(now).toUTCString());
      if (h.get("x-ms-file-permission-key")) h.set("x-ms-file-permission-key", "584053819618422708*11581588750433322810");
      const body = e.requestBody == null ? undefined : e.requestBodyEncoding === "base64" ? Buffer.from(e.requestBody, "base64") : Buffer.from(e.requestBody);
      const own = [...h].filter(([k]) => k.startsWith("x-ms-")).sort(([a], [b]) => (a < b ? -1 : 1));
      const q = [...u.searchParams].map(([k, v]) => `\n${k.toLowerCase()}:${v}`).sort();
      const sts = [e.method, h.get("content-encoding") ?? "", h.get("content-language") ?? "", body?.length ? String(body.length) : "", h.get("content-md5") ?? "", h.get("content-type") ?? "", "", "", "", "", "", h.get("range") ?? "", own.map(([k, v]) => `${k}:${v}\n`).join("") + `/${account}${u.pathname}${q.join("")}`].join("\n");
      h.set("authorization", `SharedKey ${account}:${createHmac("sha256", Buffer.from(emulator.key, "base64")).update(sts).digest("base64")}`);
      const r = await emulator.fetch(u, { method: e.method, headers: h, ...(body?.length ? { body } : {}) });
      const text = e.method === "HEAD" ? "" : Buffer.from(await r.arrayBuffer()).toString();
      const at = `${file.replace("/work/shared/recordings/", "")} ${e.method} ${u.pathname.slice(-40)}${u.search.slice(0, 60)} v${h.get("x-ms-version")}`;
      if (r.status !== e.status) out.push(`STATUS ${at}: recorded ${e.status} ${e.responseHeaders["x-ms-error-code"] ?? ""} got ${r.status} ${text.slice(-300)} ${JSON.stringify(e.requestHeaders)}`);
      else {
        const ours = new Set([...r.headers.keys()].filter((k) => !k.startsWith("access-control") && k !== "vary"));
        const theirs = new Set(Object.keys(e.responseHeaders).filter((k) => !k.startsWith("access-control") && k !== "vary" && k !== "transfer-encoding" && k !== "retry-after"));
        const missing = [...theirs].filter((k) => !ours.has(k)), extra = [...ours].filter((k) => !theirs.has(k) && !["x-ms-request-id","x-ms-client-request-id","server","date"].includes(k));
        if (missing.length || extra.length) out.push(`HEADERS ${u.search.slice(0,40)} ${e.method} ${r.status} v${h.get("x-ms-version")} missing ${missing} extra ${extra} ${file.slice(24)}`);
        const shape = (s: string) => s.replace(/^\uFEFF/, "").replace(/>[^<]+</g, ">_<").replace(/="[^"]*"/g, '=""');
        if ((e.responseBody ?? "").startsWith("\uFEFF<?xml") && !e.responseBody.includes("truncated") && shape(text) !== shape(e.responseBody)) out.push(`SHAPE ${at}\n   rec ${shape(e.responseBody).slice(0, 600)}\n   got ${shape(text).slice(0, 600)}`);
        for (const k of ["x-ms-file-id","x-ms-file-parent-id","x-ms-file-attributes","content-length","content-range","content-md5","content-type","x-ms-share-quota","x-ms-content-length","x-ms-type","x-ms-lease-state"]) if (e.responseHeaders[k] !== undefined && r.headers.get(k) !== e.responseHeaders[k]) out.push(`VALUE ${at} ${k}: rec ${e.responseHeaders[k]} got ${r.headers.get(k)}`);
        if (e.status<300 && e.responseHeaders["x-ms-file-change-time"]) { const eq=(g:(k:string)=>string|null|undefined)=>[g("x-ms-file-change-time")===g("x-ms-file-last-write-time"), g("x-ms-file-change-time")===g("x-ms-file-creation-time"), g("x-ms-file-last-write-time")===g("x-ms-file-creation-time")].join(); const a=eq((k)=>r.headers.get(k)), b=eq((k)=>e.responseHeaders[k]); if(a!==b) out.push(`TIMES ${at} rec ${b} got ${a}`); }
      }
    }
  }
  console.log(out.join("\n")); console.log("files", files, "exchanges", n, "findings", out.length, skips);
});
