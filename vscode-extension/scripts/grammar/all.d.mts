export declare const grammars: Record<string, unknown>;
export declare function written(grammar: unknown): string;
