import {defineConfig} from 'vite';

// GraphiQL brings fonts along as data: URLs, which the CSP does not allow and nobody needs.
const withoutFonts = {
  name: 'without-fonts',
  enforce: 'pre',
  transform: (code, id) => (/[\\/]graphiql[\\/].*\.css$/.test(id) ? {code: code.replace(/@font-face\s*{[^}]*}/g, ''), map: null} : undefined),
};

// What is built is committed: names without hashes, so that history does not fill with them.
export default defineConfig({
  root: import.meta.dirname,
  plugins: [withoutFonts],
  resolve: {alias: {'react-remove-scroll': import.meta.dirname + '/explorer/scroll.tsx'}},
  logLevel: 'warn',
  oxc: {jsx: {runtime: 'automatic'}},
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: ['chrome123', 'firefox128', 'safari17.5'], // light-dark()
    assetsInlineLimit: 0, // the CSP allows no data: but for images
    modulePreload: {polyfill: false},
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: {console: 'index.html', explorer: 'explorer.html'},
      onwarn: (warning, report) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || report(warning), // "use client" of libraries
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
      },
    },
  },
});
