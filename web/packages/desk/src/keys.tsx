// One key, one deed; never while somebody types or a question is open. A question's own keys are heard *first*: before
// its field is there to be typed in, and then instead of it.
import { useEffect, useEffectEvent } from "react";

export function useKeys(deeds: Record<string, () => void>, isOff = false, isFirst = false): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isOff || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!isFirst && isTyping(event.target)) return;
    const deed = deeds[event.key.toLowerCase()];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    addEventListener("keydown", listen, isFirst);
    return () => removeEventListener("keydown", listen, isFirst);
  }, [isFirst]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}
