// The components write their styles by innerHTML. Text without a tag can be nothing else; anything with one is refused.
interface Policies {
  createPolicy(name: string, rules: { createHTML: (text: string) => string }): unknown;
}

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;
policies?.createPolicy("default", {
  createHTML: (text) => {
    if (text.includes("<")) throw new TypeError("markup is not written as text here");
    return text;
  },
});

export {};
