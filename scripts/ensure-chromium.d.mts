export declare const chromiumArguments: string[];
export declare const chromiumMissing: string;
export declare function findChromium(): string | undefined;
export declare function ensureChromium(): string | undefined;
