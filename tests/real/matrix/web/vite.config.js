export default {
  base: "./",
  // Its service worker adds the token to requests for pictures.
  publicDir: "node_modules/hydrogen-view-sdk/lib-build",
  build: { target: "esnext", chunkSizeWarningLimit: 4096 },
};
