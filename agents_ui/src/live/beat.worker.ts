self.onmessage = (asked: MessageEvent<number>) => {
  setInterval(() => self.postMessage(null), asked.data);
};
