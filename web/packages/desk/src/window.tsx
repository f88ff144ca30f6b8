// A window on a list of any length. What is in it stays where it is while its bar moves, so nothing flashes; a wheel and
// keys move it by rows, as on a short list, though the bar may be in a smaller scale.
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { extentOf, movedBy, offsetAt, strideOf, topAt } from "./blocks";

const HEIGHT_FIRST_PX = 560;
const LINES_OF_PAGE = 2;

interface Window {
  offset: number;
  height: number;
  /** The element that scrolls, what is as tall as its bar, and what is drawn. */
  box: RefObject<HTMLDivElement | null>;
  bar: RefObject<HTMLDivElement | null>;
  sight: RefObject<HTMLDivElement | null>;
}

export function useWindow(rows: number, row: number): Window {
  const box = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const sight = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(HEIGHT_FIRST_PX);
  const [offset, setOffset] = useState(0);
  const extent = useMemo(() => extentOf(rows, row, height), [rows, row, height]);
  const at = useRef({ offset: 0, top: 0 });

  const stand = useCallback(
    (next: number) => {
      at.current.offset = next;
      setOffset(next);
      if (!box.current) return;
      box.current.scrollTop = topAt(extent, next);
      at.current.top = box.current.scrollTop;
    },
    [extent],
  );
  useEffect(() => {
    const measure = () => setHeight(box.current?.clientHeight ?? HEIGHT_FIRST_PX);
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  // Styles are set here because the page's policy lets no attribute set them.
  useLayoutEffect(() => {
    if (bar.current) bar.current.style.height = `${extent.bar}px`;
    if (sight.current) sight.current.style.transform = `translateY(${-(offset % row)}px)`;
  }, [extent, offset, row]);
  useEffect(() => {
    const scrolls = box.current;
    if (!scrolls) return;
    const onScroll = () => {
      // Where we put it ourselves is known exactly.
      if (scrolls.scrollTop === at.current.top) return;
      at.current.top = scrolls.scrollTop;
      at.current.offset = offsetAt(extent, scrolls.scrollTop);
      setOffset(at.current.offset);
    };
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      const unit = event.deltaMode === 1 ? row : event.deltaMode === LINES_OF_PAGE ? extent.height : 1;
      stand(movedBy(extent, at.current.offset, event.deltaY * unit));
    };
    const onKey = (event: KeyboardEvent) => {
      const stride = event.ctrlKey || event.metaKey || event.altKey ? null : strideOf(event.key, extent, row);
      if (stride === null) return;
      event.preventDefault();
      stand(movedBy(extent, at.current.offset, event.shiftKey && event.key === " " ? -stride : stride));
    };
    scrolls.addEventListener("scroll", onScroll, { passive: true });
    scrolls.addEventListener("wheel", onWheel, { passive: false });
    scrolls.addEventListener("keydown", onKey);
    return () => {
      scrolls.removeEventListener("scroll", onScroll);
      scrolls.removeEventListener("wheel", onWheel);
      scrolls.removeEventListener("keydown", onKey);
    };
  }, [extent, row, stand]);
  return { offset, height, box, bar, sight };
}
