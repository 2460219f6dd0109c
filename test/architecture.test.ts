/** The rules of the design that a compiler does not know: who may import whom, and what has to come with what. */
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { files, imports, resolved, statements, text, walk } from "./source-tree.js";
import type { SyntaxNode } from "./source-tree.js";

/** What each layer may import, besides itself. */
const ALLOWED = {
  types: [],
  redact: [],
  platform: [],
  errors: ["types", "redact"],
  config: ["types", "redact", "errors"],
  auth: ["types", "redact", "errors", "platform"],
  transport: ["types", "errors", "config", "redact", "platform"],
  services: ["types", "redact", "errors", "config", "platform", "transport"],
  streaming: ["types", "errors", "config", "redact", "platform", "transport", "services"],
  locking: ["types", "redact", "errors", "config", "transport", "services"],
  connect: ["types", "errors", "config", "redact", "auth", "transport"],
  observability: ["types", "redact", "errors", "platform", "transport"],
  client: ["types", "errors", "config", "redact", "auth", "transport", "services", "streaming", "locking", "observability", "connect"],
  polyfill: [],
  // It judges the client, so it shares no logic with it.
  emulator: ["types"],
  simulation: ["types", "redact", "emulator"],
  node: [],
} as const satisfies Record<string, readonly string[]>;

type Layer = keyof typeof ALLOWED;

/** Packages and who alone may import them; everything else is the standard library or not allowed. */
const PACKAGES: Record<string, RegExp> = {
  ky: /^src\/transport\/fetch\.ts$/,
  "fast-xml-parser": /^src\/(transport\/xml-parser(-late)?|simulation\/emulator\/xml-reader)\.ts$/,
  "web-streams-polyfill": /^src\/polyfill\.ts$/,
  "@noble/hashes": /^src\/(auth|streaming|simulation)\//,
  "@opentelemetry/api": /^src\/observability\/otel\.ts$/,
  msw: /^src\/simulation\/msw\.ts$/,
  "@playwright/test": /^src\/node\/playwright\.ts$/,
  selfsigned: /^src\/node\/certificate\.ts$/,
};

const manifest = JSON.parse(text("package.json")) as {
  exports: Record<string, string | { default: string }>;
  imports: Record<string, Record<string, string>>;
};
const sources = files("src").filter((path) => path.endsWith(".ts"));

/** The modules behind the entry points, as sources. */
const entries = Object.values(manifest.exports).flatMap((target) =>
  typeof target === "string" ? [] : [target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts")],
);

function layer(path: string): Layer {
  const [first = "", second] = path.replace(/^src\//, "").split("/");
  if (first === "simulation") return second === "emulator" ? "emulator" : "simulation";
  const name = second === undefined ? first.replace(/\.ts$/, "") : first;
  if (name === "index" || name === "client") return "client";
  if (name in ALLOWED) return name as Layer;
  throw new Error(`${path} belongs to no layer of the design`);
}

function inside(path: string): { from: string; to: string }[] {
  return imports(path)
    .flatMap((from) => (from.startsWith(".") ? [resolved(path, from)] : Object.values(manifest.imports[from] ?? {})))
    .map((to) => ({ from: path, to: to.replace("./dist/", "src/").replace(/\.js$/, ".ts") }));
}

function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

describe("imports", () => {
  it("go down the layers only", () => {
    const wrong = sources.flatMap(inside).filter(({ from, to }) => {
      const [importer, imported] = [layer(from), layer(to)];
      if (importer === imported) return false;
      // What runs on Node stands on the entry points, as a stranger would.
      if (importer === "node") return !entries.includes(to) && imported !== "types";
      return !(ALLOWED[importer] as readonly Layer[]).includes(imported);
    });
    expect(wrong).toEqual([]);
  });

  it("of packages are in one file per side, and of Node only behind the Node entry", () => {
    const wrong = sources.flatMap((path) =>
      imports(path)
        .filter((from) => !from.startsWith(".") && !(from in manifest.imports))
        .filter((from) => (from.startsWith("node:") ? layer(path) !== "node" : !PACKAGES[packageName(from)]?.test(path)))
        .map((from) => `${path} imports ${from}`),
    );
    expect(wrong).toEqual([]);
  });

  it("are by name: nothing is exported as default or all at once", () => {
    const wrong = sources.filter((path) => statements(path).some(({ type }) => /^Export(All|Default)Declaration$/.test(type)));
    expect(wrong).toEqual([]);
  });

  it("of the demo and its stories are entry points only", () => {
    const names = new Set(Object.keys(manifest.exports).map((key) => key.replace(/^\./, "azure-files")));
    const own = /\.(ts|mjs)$/;
    const wrong = [...files("demo"), ...files("e2e")]
      .filter((path) => own.test(path) && !path.endsWith(".d.ts"))
      .flatMap((path) => imports(path).map((from) => ({ path, from })))
      .filter(({ path, from }) => {
        if (from.startsWith(".")) return /^(src|dist|test)\//.test(resolved(path, from));
        return packageName(from) === "azure-files" && !names.has(from);
      });
    expect(wrong).toEqual([]);
  });
});

describe("the tree", () => {
  it("names files after what they hold", () => {
    const everywhere = ["src", "test", "e2e", "demo", "scripts"].flatMap(files);
    expect(everywhere.filter((path) => /^(utils?|helpers?|common|misc)\./.test(basename(path)))).toEqual([]);
  });

  it("holds nothing but types in src/types", () => {
    const typeOnly = (statement: SyntaxNode): boolean => {
      if (statement.type === "ImportDeclaration") return statement["importKind"] === "type";
      if (statement.type === "ExportAllDeclaration") return statement["exportKind"] === "type";
      if (statement.type !== "ExportNamedDeclaration") return /^TS(Interface|TypeAlias)/.test(statement.type);
      const declaration = statement["declaration"] as SyntaxNode | null;
      return declaration === null ? statement["exportKind"] === "type" : /^TS(Interface|TypeAlias)/.test(declaration.type);
    };
    const wrong = files("src/types").filter((path) => !statements(path).every(typeOnly));
    expect(wrong).toEqual([]);
  });

  it("keeps signatures and keys out of what is recorded", () => {
    const recorded = files("test").filter((path) => /\.(http|har|snap|jsonl?)$|__snapshots__/.test(path));
    const secret =
      /\bsig=(?!REDACTED)[A-Za-z0-9%+/]{16,}|\bSharedKey [a-z0-9]+:(?!REDACTED)[A-Za-z0-9+/]{16,}|\bAccountKey=(?!REDACTED)|\bBearer eyJ/;
    expect(recorded.filter((path) => secret.test(text(path)))).toEqual([]);
  });
});

describe("the build", () => {
  /** Every module of `dist` that these entry points load. */
  function graph(starts: readonly string[]): string[] {
    const found = new Set<string>();
    const visit = (path: string): void => {
      if (found.has(path)) return;
      found.add(path);
      for (const from of imports(path)) if (from.startsWith(".")) visit(resolved(path, from));
    };
    for (const start of starts) visit(start);
    return [...found];
  }

  /** Names that a module gives to parameters of its own, and that mean nothing global in it. */
  function parameters(path: string): Set<unknown> {
    const names = new Set<unknown>();
    walk(statements(path), (node) => {
      for (const parameter of (node["params"] as SyntaxNode[] | undefined) ?? []) names.add(parameter["name"]);
    });
    return names;
  }

  /** The built modules that every entry point but Node's own loads. */
  const core = (): string[] => {
    const built = entries.map((path) => path.replace(/^src\//, "dist/").replace(/\.ts$/, ".js"));
    return graph(built.filter((path) => !path.startsWith("dist/node/")));
  };

  /** Which of these globals a module names, on their own or as members of `globalThis`. */
  function globalsIn(path: string, wanted: ReadonlySet<string>): string[] {
    const names: string[] = [];
    const own = parameters(path);
    walk(statements(path), (node, parent) => {
      if (node.type !== "Identifier" || !wanted.has(String(node["name"])) || own.has(String(node["name"]))) return;
      const object = parent?.["object"] as SyntaxNode | undefined;
      const member = parent?.type === "MemberExpression" && parent["property"] === node && parent["computed"] === false;
      const key = parent?.type === "Property" && parent["key"] === node && parent["shorthand"] === false;
      if (key || (member && object?.["name"] !== "globalThis")) return;
      names.push(`${path} names ${String(node["name"])}`);
    });
    return names;
  }

  it("names nothing that only a page or only Node has, except behind the entry of Node", () => {
    const foreign = new Set(["Buffer", "document", "DOMParser", "XMLHttpRequest", "process", "require", "__dirname"]);
    expect(core().length).toBeGreaterThan(40);
    expect(core().flatMap((path) => globalsIn(path, foreign))).toEqual([]);
  });

  it("finds out in one file what an engine can do", () => {
    const tells = new Set(["navigator", "location", "self", "window", "Deno", "Bun"]);
    const members = /^(AbortSignal\.(any|timeout)|Symbol\.(asyncDispose|dispose)|ReadableStream\.from|Uint8Array\.fromBase64)$/;
    const probes = core().filter((path) => {
      let found = globalsIn(path, tells).length > 0;
      walk(statements(path), (node) => {
        const { object, property } = node as { object?: SyntaxNode; property?: SyntaxNode };
        found ||= node.type === "MemberExpression" && members.test(`${String(object?.["name"])}.${String(property?.["name"])}`);
        // `globalThis.fetch` is for use, and read late so that doubles are seen; anything else of it is a question.
        found ||= node.type === "MemberExpression" && object?.["name"] === "globalThis" && property?.["name"] !== "fetch";
        found ||= node.type === "BinaryExpression" && node["operator"] === "in" && (node["right"] as SyntaxNode)["name"] === "globalThis";
      });
      return found;
    });
    // Besides it the polyfill, which asks in order to fill in, and the emulator, which shares nothing with the client.
    expect(probes.toSorted()).toEqual(["dist/platform.js", "dist/polyfill.js", "dist/simulation/emulator/hmac.js"]);
  });

  it("imports nothing of Node's, and looks at its process in one place, except behind the entry of Node", () => {
    expect(core().filter((path) => imports(path).some((from) => from.startsWith("node:")))).toEqual([]);
    const looks = core().filter((path) => {
      let found = false;
      walk(statements(path), (node) => void (found ||= node.type === "Identifier" && node["name"] === "process"));
      return found;
    });
    expect(looks).toEqual(["dist/platform.js"]);
  });

  it("shows nothing of Node's in a type that every runtime gets", () => {
    /** The declarations that entry points show, but for those that stand on Node or on what knows Node. */
    const found = new Set<string>();
    const visit = (path: string): void => {
      if (found.has(path)) return;
      found.add(path);
      for (const from of imports(path)) if (from.startsWith(".")) visit(resolved(path, from).replace(/\.js$/, ".d.ts"));
    };
    for (const path of entries) if (!path.startsWith("src/node/")) visit(path.replace(/^src\//, "dist/").replace(/\.ts$/, ".d.ts"));
    expect(found.size).toBeGreaterThan(40);
    const words = /\bNodeJS\b|\bBuffer\b|["']node:|\b(types|path)="/g;
    const wrong = [...found].flatMap((path) => {
      const code = text(path).replace(/\/\*[^]*?\*\//g, "");
      return [...code.matchAll(words)].map(([word]) => `${path} has ${word}`);
    });
    expect(wrong).toEqual([]);
  });

  it("documents every exported symbol", () => {
    const declarations = files("dist").filter((path) => path.endsWith(".d.ts"));
    const bare = declarations.flatMap((path) => {
      const source = text(path);
      const documented = new Set<string>();
      return statements(path, source).flatMap((statement) => {
        const declaration = statement.type === "ExportNamedDeclaration" ? (statement["declaration"] as SyntaxNode | null) : undefined;
        if (!declaration) return [];
        const first = (declaration["declarations"] as SyntaxNode[] | undefined)?.[0] ?? declaration;
        const name = String((first["id"] as SyntaxNode | undefined)?.["name"]);
        // Of overloads the first one speaks for all.
        if (source.slice(0, statement.start).trimEnd().endsWith("*/")) documented.add(name);
        return documented.has(name) ? [] : [`${path}: ${name}`];
      });
    });
    expect(declarations.length).toBeGreaterThan(0);
    expect(bare).toEqual([]);
  });

  it("has a conformance case for every operation", async () => {
    const cases = files("test/conformance");
    const proved = new Set([...cases.flatMap(namedImports), ...cases.flatMap(memberUses)]);
    const services = {
      account: await import("azure-files/account"),
      leases: await import("azure-files/leases"),
      shares: await import("azure-files/shares"),
      directories: await import("azure-files/directories"),
      files: await import("azure-files/files"),
      streaming: await import("azure-files/streaming"),
    };
    const operations = Object.entries(services).flatMap(([service, module]) => Object.keys(module).map((name) => `${service}.${name}`));
    expect(operations.length).toBeGreaterThan(20);
    expect(operations.filter((name) => !proved.has(name))).toEqual([]);
  });

  /** Operations that a module imports by name; the compiler sees to it that it uses them, too. */
  function namedImports(path: string): string[] {
    return [...text(path).matchAll(/import \{([^}]*)\} from "azure-files\/(\w+)"/g)].flatMap(([, names = "", service]) =>
      names.split(",").map((name) => `${service}.${name.trim().split(" ")[0]}`),
    );
  }

  /** Operations that a module uses as `files.create` or `client.files.create`. */
  function memberUses(path: string): string[] {
    return [...text(path).matchAll(/\b(account|leases|shares|directories|files|streaming)\.(\w+)/g)].map(
      ([, service, name]) => `${service}.${name}`,
    );
  }
});
