-- Runs in a headless Neovim: opens the file that $DOCKERFILE names, waits for diagnostics, asks for a hover, formats,
-- and writes what it saw as JSON to the file that $RESULT names.
local function finish(result)
  local file = assert(io.open(vim.env.RESULT, "w"))
  file:write(vim.fn.json_encode(result))
  file:close()
  vim.cmd("qall!")
end

local function session()
  vim.cmd("edit " .. vim.fn.fnameescape(vim.env.DOCKERFILE))
  local client = vim.lsp.start_client({
    name = "dockerlang",
    cmd = vim.fn.json_decode(vim.env.SERVER),
    root_dir = vim.fn.fnamemodify(vim.env.DOCKERFILE, ":h"),
  })
  assert(client, "the server does not start")
  vim.lsp.buf_attach_client(0, client)
  assert(vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end, 20), "no diagnostics")

  local codes = {}
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    table.insert(codes, diagnostic.code or diagnostic.user_data.lsp.code)
  end
  local place = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = 0, character = 1 } }
  local answers = assert(vim.lsp.buf_request_sync(0, "textDocument/hover", place, 20000))
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = 20000 })
  else
    vim.lsp.buf.formatting_sync(nil, 20000)
  end
  return {
    codes = codes,
    hover = answers[client].result.contents.value,
    lines = vim.api.nvim_buf_get_lines(0, 0, -1, true),
  }
end

local ok, result = xpcall(session, debug.traceback)
finish(ok and result or { failure = result })
