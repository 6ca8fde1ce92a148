Object.defineProperty(navigator, "languages", { configurable: true, value: ["es-ES", "es"] });
