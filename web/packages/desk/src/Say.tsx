// A word about what was just done: read aloud politely, gone after a while, never in the way.
import { createContext, type ReactNode, use, useCallback, useEffect, useState } from "react";

const SHOWN_MS = 4_000;
const Context = createContext<(text: string) => void>(() => undefined);

export function useSay(): (text: string) => void {
  return use(Context);
}

export function SayProvider({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<{ text: string } | null>(null);
  const say = useCallback((text: string) => setSaid({ text }), []);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <Context value={say}>
      {children}
      <div role="status" className="said-now">
        {said?.text}
      </div>
    </Context>
  );
}
