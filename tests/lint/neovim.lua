-- Open a file in Neovim with `zonelint lsp` behind it, wait for the marks, apply the first safe
-- quick fix, and print what a person would see, as JSON. Arguments: the program, the file.
local program, path = vim.env.ZONELINT, vim.env.ZONE

vim.cmd("edit " .. vim.fn.fnameescape(path))
local buffer = vim.api.nvim_get_current_buf()
local client = vim.lsp.start_client({
  name = "zonelint",
  cmd = { program, "lsp" },
  root_dir = vim.fn.fnamemodify(path, ":h"),
})
vim.lsp.buf_attach_client(buffer, client)

local function marks()
  return vim.diagnostic.get(buffer)
end

local begun = vim.loop.hrtime()
local seen = vim.wait(60000, function() return #marks() > 0 end, 20)
local told = { seen = seen, seconds = (vim.loop.hrtime() - begun) / 1e9, marks = {}, actions = {} }
for _, mark in ipairs(marks()) do
  local lsp = (mark.user_data or {}).lsp or {}
  table.insert(told.marks, {
    line = mark.lnum + 1,
    severity = mark.severity,
    code = mark.code or lsp.code,
    link = (lsp.codeDescription or {}).href,
    message = mark.message,
  })
end

local last = vim.api.nvim_buf_line_count(buffer)
local params = {
  textDocument = vim.lsp.util.make_text_document_params(buffer),
  range = { start = { line = 0, character = 0 }, ["end"] = { line = last, character = 0 } },
  context = { diagnostics = {}, only = { "quickfix" } },
}
local answers = vim.lsp.buf_request_sync(buffer, "textDocument/codeAction", params, 60000) or {}
local preferred
for _, answer in pairs(answers) do
  for _, action in ipairs(answer.result or {}) do
    table.insert(told.actions, { title = action.title, preferred = action.isPreferred or false })
    if action.isPreferred and not preferred then
      preferred = action
    end
  end
end
if preferred then
  local before = #marks()
  local encoding = vim.lsp.get_client_by_id(client).offset_encoding
  vim.lsp.util.apply_workspace_edit(preferred.edit, encoding)
  told.applied = preferred.title
  told.fewer = vim.wait(60000, function() return #marks() < before end, 20)
end
told.text = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
io.stdout:write(vim.fn.json_encode(told))
vim.lsp.stop_client(client)
vim.cmd("qall!")
